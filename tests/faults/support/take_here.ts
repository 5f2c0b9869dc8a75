import { LAST_MOMENT_MS, onFakeClock } from "../../harness/fake_clock.ts";
import { setClock } from "../../harness/system_clock.ts";
import { doAgain } from "./do_again.ts";
import { type ClockFault, isOneOf, type NetworkFault, SLOW_FAULTS } from "./fault_names.ts";
import type { FaultOrder } from "./fault_server.ts";
import { perform, type Performed } from "./perform.ts";
import { playFault, REDIRECT_TARGET } from "./play_fault.ts";
import { sendTruly } from "./raw_answer.ts";
import type { Outcome } from "./rule.ts";
import type { Step } from "./steps.ts";
import { clientOf, type World } from "./world.ts";

/** A fault of the server or the clock that a client in this process can meet. */
export type HereFault = Exclude<NetworkFault, "TLS error"> | ClockFault;

/** The timeout of a request that would take forever, in milliseconds: no other timer is as long. */
const IMPATIENT_MS = 29_999;

const DAY_MS = 86_400_000;

const CLOCKS: Readonly<Record<ClockFault, number>> = {
  "clock set a day ahead": DAY_MS,
  "clock set a day back": -DAY_MS,
};

/** Takes a step with a fault in this process, then the next one without. */
export async function takeHere(world: World, step: Step, fault: HereFault): Promise<Outcome> {
  const { server } = world;
  const { command } = step;
  try {
    const met = begin(world, step, fault);
    const performed = isOneOf(SLOW_FAULTS, fault)
      ? await performUntilDeadline(world, { command, met })
      : await perform(clientOf(world), command);
    const stored = await world.stored();
    await server.mend();
    const next = await doAgain(world, command, (command) => perform(clientOf(world), command));
    if (server.paths.includes(REDIRECT_TARGET)) throw new Error("A redirect was followed");
    return { ...performed, stored, next };
  } finally {
    if (isClockFault(fault)) setClock(0);
  }
}

/** Sets the clock, or adds the fault of the request; resolves once it has been met. */
function begin({ server }: World, step: Step, fault: HereFault): Promise<void> {
  const { path, after } = step;
  if (path !== undefined) return server.fail({ path, after, fault: orderFor(fault, step) });
  setClock(CLOCKS[fault as ClockFault]);
  return Promise.resolve();
}

function orderFor(fault: HereFault, { error, takesEffect = false }: Step): FaultOrder["fault"] {
  if (fault === "connection refused") return "refused";
  if (!isClockFault(fault)) {
    return playFault(fault, { errorBody: { error, error_description: "planted" }, takesEffect });
  }
  return (socket, answer) => {
    setClock(CLOCKS[fault]);
    return sendTruly(socket, answer);
  };
}

/** Lets the request time out once the fault has been met. */
function performUntilDeadline(
  world: World,
  { command, met }: { command: Step["command"]; met: Promise<void> },
): Promise<Performed> {
  return onFakeClock(async (clock) => {
    const performed = perform(clientOf(world, { requestTimeoutMs: IMPATIENT_MS }), command);
    await Promise.race([met, performed]);
    return await clock.passWhile(performed, IMPATIENT_MS);
  }, (durationMs) => durationMs === IMPATIENT_MS || durationMs === LAST_MOMENT_MS);
}

function isClockFault(fault: HereFault): fault is ClockFault {
  return fault in CLOCKS;
}
