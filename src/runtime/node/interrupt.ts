import type { InterruptSignal } from "../runtime.ts";
import { process } from "./builtins.ts";

const SIGNALS: InterruptSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Calls `listener` instead of ending the process. */
export function onInterrupt(listener: (signal: InterruptSignal) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
