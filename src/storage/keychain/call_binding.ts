import type { Runtime } from "../../runtime/runtime.ts";
import { KeychainFailure, keychainFailure } from "./keychain_failure.ts";
import type { ItemName } from "./keychain_item.ts";
import { withDeadline } from "./with_deadline.ts";

/** A call of the keychain. */
export type KeychainCall = ItemName & ({ operation: "get" } | { operation: "set"; secret: string });

/** Longer than the binding waits for any answer but that of a person. */
const DEADLINE_MS = 5_000;

/** The kernel keyring, which the binding would take where there is no Secret Service, is gone after a reboot. */
export const ENTRY_OPTIONS = { linux: { store: "secret-service" } } as const;

/**
 * Calls the keychain in this process; gives the secret, if one was asked for.
 *
 * @throws {KeychainFailure} When it does not serve.
 */
export async function callBinding(runtime: Runtime, call: KeychainCall): Promise<string | null> {
  const { service, username } = call;
  const answer = await withDeadline(async () => {
    const { AsyncEntry } = await runtime.keyring.load();
    const entry = new AsyncEntry(service, username, ENTRY_OPTIONS);
    if (call.operation === "get") return { secret: await entry.getPassword() };
    await entry.setPassword(call.secret);
    return { secret: null };
  }, DEADLINE_MS).catch((error) => {
    throw keychainFailure(error);
  });
  if (answer === undefined) throw new KeychainFailure("unanswered");
  return answer.secret;
}
