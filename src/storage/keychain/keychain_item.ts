import type { Runtime } from "../../runtime/runtime.ts";
import { callBinding, type KeychainCall } from "./call_binding.ts";
import { KeychainFailure } from "./keychain_failure.ts";
import { type LockState, secretServiceState } from "./lock_state.ts";

/** One item of the OS keychain. Every call has a deadline, and none keeps the process from ending. */
export interface KeychainItem {
  /**
   * The secret; `null` when there is none, and where a person would have to be asked but may not be.
   *
   * @param options `mayPrompt` tells whether the person may be asked to unlock the keychain.
   * @throws {KeychainFailure} When the keychain does not serve.
   */
  read(options: { mayPrompt: () => Promise<boolean> }): Promise<string | null>;
  /** Creates the item, or replaces its secret. The person may be asked to unlock the keychain. */
  write(secret: string): Promise<void>;
}

/** What an item is found by. On Linux `secret-tool lookup service SERVICE username USERNAME` shows it. */
export interface ItemName {
  readonly service: string;
  readonly username: string;
}

/** An item of the keychain of this system. */
export function keychainItem(runtime: Runtime, name: ItemName): KeychainItem {
  return {
    async read({ mayPrompt }) {
      const call: KeychainCall = { ...name, operation: "get" };
      const state = await lockState(runtime, call);
      if (state === "open") return await callBinding(runtime, call);
      if (state === "unanswered") throw new KeychainFailure("unanswered");
      if (!await mayPrompt()) return null;
      return await callThatMayPrompt(runtime, call, state);
    },
    async write(secret) {
      const call: KeychainCall = { ...name, operation: "set", secret };
      const state = await lockState(runtime, call);
      if (state === "unanswered") throw new KeychainFailure("unanswered");
      if (state === "open") await callBinding(runtime, call);
      else await callThatMayPrompt(runtime, call, state);
    },
  };
}

/** Windows never prompts. What macOS will do is not known before. */
async function lockState(
  runtime: Runtime,
  { operation, service, username }: KeychainCall,
): Promise<LockState> {
  if (runtime.platform === "windows") return "open";
  if (runtime.platform === "darwin") return "unknown";
  if (operation === "set") return await secretServiceState(runtime, { about: "collection" });
  return await secretServiceState(runtime, { about: "item", service, username });
}

async function callThatMayPrompt(
  runtime: Runtime,
  call: KeychainCall,
  state: LockState,
): Promise<string | null> {
  const { callInChild } = await import("./call_in_child.ts");
  const answer = await callInChild(runtime, call);
  if (answer !== undefined) return answer.secret;
  if (state === "locked") throw new KeychainFailure("locked");
  return await callBinding(runtime, call);
}
