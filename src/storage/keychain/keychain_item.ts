import type { Runtime } from "../../runtime/runtime.ts";
import { callBinding, type KeychainCall } from "./call_binding.ts";
import { KeychainFailure } from "./keychain_failure.ts";
import { collectionState, readSecret } from "./secret_service.ts";

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

/** An item of the keychain of this system. Windows never prompts; what macOS will do is not known before. */
export function keychainItem(runtime: Runtime, { service, username }: ItemName): KeychainItem {
  const { platform } = runtime;
  return {
    async read({ mayPrompt }) {
      const call: KeychainCall = { operation: "get", service, username };
      if (platform === "windows") return await callBinding(runtime, call);
      const answer = platform === "darwin" ? "unknown" : await readSecret(runtime, { service, username });
      if (typeof answer === "object") return answer.secret;
      if (answer === "unanswered") throw new KeychainFailure("unanswered");
      return await mayPrompt() ? await callThatMayPrompt(runtime, call, answer) : null;
    },
    async write(secret) {
      const call: KeychainCall = { operation: "set", service, username, secret };
      if (platform === "windows") return void await callBinding(runtime, call);
      const state = platform === "darwin" ? "unknown" : await collectionState(runtime);
      if (state === "unanswered") throw new KeychainFailure("unanswered");
      if (state === "open") await callBinding(runtime, call);
      else await callThatMayPrompt(runtime, call, state);
    },
  };
}

async function callThatMayPrompt(
  runtime: Runtime,
  call: KeychainCall,
  refusal: "locked" | "unknown",
): Promise<string | null> {
  const { callInChild } = await import("./call_in_child.ts");
  const answer = await callInChild(runtime, call);
  if (answer !== undefined) return answer.secret;
  if (refusal === "locked") throw new KeychainFailure("locked");
  return await callBinding(runtime, call);
}
