import type { Runtime } from "../../runtime/runtime.ts";
import type { LockFolder } from "./lock_folder.ts";

/** What every part of the lock works on. */
export interface LockContext {
  readonly runtime: Runtime;
  readonly folder: LockFolder;
  /** How long a holder that cannot be asked must stand still to be called dead, in milliseconds. */
  readonly standstillMs: number;
}
