import type { ClerkCliAuthError } from "../core/errors.ts";
import { withoutSecrets, withoutTokens } from "../core/redact.ts";
import type { AuthenticateState } from "./clerk_client.ts";
import { failureOfAnswer } from "./clerk_failure.ts";
import { invalidToken, misconfigured } from "./failures.ts";
import { UnavailableError } from "./unavailable.ts";

/**
 * How `@clerk/backend` begins the messages that are about a JWT itself. Under the same reason it reports that the
 * signing keys could not be fetched, with whatever text the failed request had: that must not become a 401.
 */
const ABOUT_THE_JWT =
  /^(?:Invalid |JWT |OAuth audience |Subject claim |Error verifying JWT |Unable to find a signing key )/;
const ABOUT_THE_SECRET_KEY = /secret key/i;

/** The reasons under which it reports that the signing keys could not be fetched. */
const ABOUT_THE_KEYS = ["jwk-remote-failed-to-load", "jwk-remote-missing", "jwk-failed-to-resolve"];

/** What is known of a verification that was rejected. */
export interface RejectionOptions {
  /** Whether the client had the signing key, so that nothing but the token can be at fault. */
  offline: boolean;
  /** What was sent in confidence. */
  secrets: readonly string[];
}

/**
 * Why `authenticateRequest` did not accept a token.
 *
 * @param state What it resolved to.
 */
export function rejectionOf(state: AuthenticateState, options: RejectionOptions): ClerkCliAuthError {
  const { reason, message } = state;
  const text = message ?? "";
  const said = withoutTokens(withoutSecrets(text, options.secrets));
  const cause = new Error(`authenticateRequest: ${reason ?? "no reason"}: ${said}`);
  if (reason === "secret-key-invalid") {
    return misconfigured("Clerk refused the server's secret key", { cause });
  }
  if (reason === "unexpected-error") {
    const status = /status=(\d{3})/.exec(text)?.[1];
    return failureOfAnswer({ status: status === undefined ? undefined : Number(status), cause });
  }
  if (reason === "token-verification-failed" && !options.offline && !ABOUT_THE_JWT.test(text)) {
    return keysFailure(text, cause);
  }
  if (ABOUT_THE_KEYS.includes(reason ?? "")) return keysFailure(text, cause);
  return invalidToken("The token is not valid", cause);
}

function keysFailure(text: string, cause: Error): ClerkCliAuthError {
  return ABOUT_THE_SECRET_KEY.test(text)
    ? misconfigured("Clerk refused the server's secret key", { cause })
    : new UnavailableError("Clerk's signing keys could not be fetched", { cause });
}
