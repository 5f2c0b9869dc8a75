import { randomToken } from "../../core/random.ts";
import { openBeacon } from "./beacon.ts";
import { type Claim, formatClaim } from "./claim.ts";
import type { LockContext } from "./lock_context.ts";

/** What shows others that a process is there: a beacon, and a file beside the numbers that names it. */
export interface Presence {
  readonly claim: Claim;
  /** Puts the claim under a number; `false` when that is taken, or when the file is gone. */
  linkNumber(number: number): Promise<boolean>;
  /** Whether a number is, still, that of this process. */
  isUnder(number: number): Promise<boolean>;
  /** Whether the file is still there: a holder tidies away those of processes that wait for long. */
  isIntact(): Promise<boolean>;
  /** Shows those who cannot reach the beacon that the process goes on. */
  beat(counter: number): Promise<void>;
  /** Lets go of whatever number was taken. */
  close(): Promise<void>;
}

/** Opens the beacon first: a claim that others can read must be one that is answered for. */
export async function openPresence({ runtime, folder }: LockContext): Promise<Presence> {
  const nonce = randomToken(runtime.randomBytes);
  const beacon = await openBeacon(runtime.tcp, nonce);
  const claim: Claim = { port: beacon.port, nonce, host: runtime.hostIdentity() };
  const text = formatClaim(claim);
  try {
    await folder.createLive(nonce, text);
  } catch (error) {
    await beacon.close();
    throw error;
  }
  return {
    claim,
    linkNumber: (number) => folder.linkNumber(number, { nonce, text }),
    isUnder: async (number) => await folder.readNumber(number) === text,
    isIntact: async () => await folder.readLive(nonce) !== null,
    beat: (counter) => folder.replaceLive(nonce, formatClaim(claim, counter)),
    async close() {
      // Closing the beacon lets go, too; a file that cannot be removed is tidied away by others.
      await folder.removeLive(nonce).catch(() => {});
      await beacon.close();
    },
  };
}
