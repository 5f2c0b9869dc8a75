import { existsSync, rmSync, writeFileSync } from "node:fs";
import type { Runtime, Tcp } from "../doors/runtime.ts";
import { credentialLock } from "../doors/storage.ts";

/** How the lock of a credential file is taken. */
export interface HoldLockOptions {
  runtime: Runtime;
  path: string;
  /** Is called when another holder is waited for. */
  onWaiting?: () => void;
}

/** Takes the lock of a credential file and lets go. Fails when it meets another holder that does the same. */
export async function holdLock({ runtime, path, onWaiting }: HoldLockOptions): Promise<void> {
  const connect: Tcp["connect"] = async (...args) => {
    const connection = await runtime.tcp.connect(...args);
    onWaiting?.();
    return connection;
  };
  const watched = { ...runtime, tcp: { ...runtime.tcp, connect } };
  const marker = `${path}.marker`;
  await credentialLock({ runtime: watched, path }).withLock(async (held) => {
    if (existsSync(marker)) throw new Error("There is another holder");
    writeFileSync(marker, "");
    if (!await held.isStillHeld()) throw new Error("The lock was lost");
    rmSync(marker);
  }, { signal: new AbortController().signal });
}
