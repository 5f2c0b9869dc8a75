import { cleanCause } from "../core/clean_cause.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import { tokenSecrets } from "../core/token_secrets.ts";
import type { TokenSet } from "../core/token_set.ts";

/** What a custom store failed at. */
export interface StoreOperation {
  verb: "read" | "store" | "remove" | "lock";
  /** What it was given to store. */
  tokens?: TokenSet | undefined;
}

/** The `storage` error of what a custom store threw. */
export function storeFailure(cause: unknown, { verb, tokens }: StoreOperation): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", `The credential store could not ${verb} the credentials`, {
    action: "Check the credential store",
    cause: cleanCause(cause, tokens ? tokenSecrets(tokens) : []),
  });
}
