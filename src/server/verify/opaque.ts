import { isJsonObject } from "../../core/encoding.ts";
import type { ClerkCliAuthError } from "../../core/errors.ts";
import { cleanCause } from "../../core/redact.ts";
import type { RememberedToken, SealedCache } from "../cache/sealed_cache.ts";
import type { ClerkAccess, ClerkClientLike } from "../clerk/client.ts";
import { failureOfApiError, isClerkApiError, retryAfterMsOf } from "../clerk/failures.ts";
import { invalidToken, isRejection, misconfigured, NO_SUBJECT, UnavailableError } from "../failures.ts";
import { MissLimiter } from "../limits/miss_limiter.ts";
import type { Credential, OpaqueCredential } from "../token/credential.ts";
import { type TokenInfo, tokenInfo } from "../token/token_info.ts";
import { authenticate } from "./authenticate.ts";

/**
 * Makes sure that a 200 without a subject comes from Clerk: to `authenticateRequest` a proxy's page looks the same, and
 * that says nothing about the token.
 *
 * @returns The error to throw.
 */
export async function confirmRejection(
  error: unknown,
  clerk: ClerkClientLike,
  credential: Credential,
): Promise<unknown> {
  if (!isRejection(error) || error.message !== NO_SUBJECT) return error;
  const answer = await verifyPlainly(clerk, credential).catch(() => undefined);
  return typeof answer === "string"
    ? new UnavailableError("Clerk's answer was no JSON", { cause: error })
    : error;
}

/** What an {@linkcode OpaqueVerification} needs. */
interface OpaqueVerificationOptions {
  getAccess: () => Promise<ClerkAccess>;
  /** Whether we created the client; a client of the caller's is only asked through `authenticateRequest`. */
  isOwnClient: boolean;
  audience: readonly string[] | undefined;
  /** How long a verified token is remembered, in milliseconds; 0 for not at all. */
  ttlMs: number;
  /** Remembers tokens outside this process. */
  sealed: SealedCache | undefined;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** Verifies API keys and opaque access tokens: each time through Clerk, except for what is remembered. */
export class OpaqueVerification {
  readonly #options: OpaqueVerificationOptions;
  readonly #limiter: MissLimiter;
  readonly #pause: RateLimitPause;

  constructor(options: OpaqueVerificationOptions) {
    this.#options = options;
    this.#limiter = new MissLimiter(options.now);
    this.#pause = new RateLimitPause(options.now);
  }

  /**
   * Verifies an opaque token.
   *
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  async verify(credential: OpaqueCredential): Promise<RememberedToken> {
    const { sealed, now, ttlMs } = this.#options;
    const remembered = await sealed?.get(credential.token);
    if (remembered) return remembered;
    // Counted from before Clerk is asked: a revocation shows at most `ttlMs` later.
    const expiresAt = now() + ttlMs;
    const info = await this.#limiter.guard(credential.token, () => this.#ask(credential));
    await sealed?.set(credential.token, { info, expiresAt });
    return { info, expiresAt };
  }

  async #ask(credential: OpaqueCredential): Promise<TokenInfo> {
    const { getAccess, isOwnClient } = this.#options;
    this.#pause.assertOver();
    const access = await getAccess();
    return isOwnClient ? await this.#askOwn(access, credential) : await this.#askCallers(access, credential);
  }

  async #askOwn({ clerk, secrets }: ClerkAccess, credential: OpaqueCredential): Promise<TokenInfo> {
    const { audience } = this.#options;
    try {
      return await verifyByOwnClient(clerk, credential, { audience, secrets });
    } catch (error) {
      throw this.#pause.begin(error);
    }
  }

  async #askCallers({ clerk, secrets }: ClerkAccess, credential: OpaqueCredential): Promise<TokenInfo> {
    const { audience } = this.#options;
    try {
      return await authenticate(clerk, credential, { audience, secrets, offline: false });
    } catch (error) {
      const confirmed = await confirmRejection(error, clerk, credential);
      throw await this.#pause.beginFor(confirmed, clerk, credential);
    }
  }
}

/** The options of a verification. */
interface OwnVerificationOptions {
  /** The audiences to accept for an OAuth access token. */
  audience?: readonly string[] | undefined;
  /** Secrets that are sent to Clerk besides the token. */
  secrets: readonly string[];
}

/**
 * Lets a client that we created verify an opaque token. `authenticateRequest` makes the same call, but hides whether
 * Clerk says that the token is revoked or expired, how long Clerk asks to wait, and whether a response that looks like a
 * rejection came from Clerk at all.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if it is rejected, `unavailable` if Clerk cannot tell right now,
 * `config` if we are misconfigured.
 */
export async function verifyByOwnClient(
  clerk: ClerkClientLike,
  credential: OpaqueCredential,
  options: OwnVerificationOptions,
): Promise<TokenInfo> {
  const answer = await answerOf(clerk, credential, options);
  // A proxy's page, or nothing.
  if (typeof answer !== "object" || answer === null) throw new UnavailableError("Clerk's answer was no JSON");
  const { subject, scopes, id, clientId, claims, revoked, expired } = answer as Record<string, unknown>;
  if (revoked === true || expired === true) throw invalidToken("The token was revoked or has expired");
  const orgId = credential.type === "api_key" && String(subject).startsWith("org_") ? subject : undefined;
  const custom = isJsonObject(claims) ? claims : undefined;
  return tokenInfo(credential.type, { subject, scopes, id, clientId, orgId, claims: custom });
}

async function answerOf(
  clerk: ClerkClientLike,
  credential: OpaqueCredential,
  { audience, secrets }: OwnVerificationOptions,
): Promise<unknown> {
  try {
    return await verifyPlainly(clerk, credential, audience);
  } catch (error) {
    throw failureOf(error, [credential.token, ...secrets]);
  }
}

function failureOf(error: unknown, secrets: readonly string[]): ClerkCliAuthError {
  if (isClerkApiError(error)) return failureOfApiError(error, secrets);
  const cause = cleanCause(error, secrets);
  // How the client reports a wrong audience.
  const isForAnother = (error as { reason?: unknown } | null)?.reason === "token-verification-failed";
  if (isForAnother) return invalidToken("The token is meant for another audience", cause);
  return misconfigured("The Clerk client failed to verify a token", { cause });
}

/**
 * Asks Clerk about an opaque token by the client's own method, which shows the parts of the response that
 * `authenticateRequest` hides; `undefined` if the client has no such method.
 */
export async function verifyPlainly(
  { apiKeys, idPOAuthAccessToken }: ClerkClientLike,
  { token, type }: Credential,
  audience?: readonly string[],
): Promise<unknown> {
  if (type === "api_key") return await apiKeys?.verify(token);
  return await idPOAuthAccessToken?.verify(token, audience ? { audience: [...audience] } : {});
}

/** Stops us from asking Clerk about tokens for as long as it says (RFC 6585, section 4: `Retry-After`). */
export class RateLimitPause {
  readonly #now: () => number;
  #until = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Passes if Clerk may be asked.
   *
   * @throws {ClerkCliAuthError} `unavailable` during a pause.
   */
  assertOver(): void {
    const remainingMs = this.#until - this.#now();
    if (remainingMs > 0) throw limited(remainingMs);
  }

  /**
   * Begins a pause if an error says that Clerk limits us.
   *
   * @returns The error to throw.
   */
  begin(error: unknown): unknown {
    return isLimit(error) ? this.#begin(error, error.retryAfterMs) : error;
  }

  /**
   * Begins a pause if an error says that Clerk limits us. `authenticateRequest` does not say for how long; the client's
   * own method does, and is called once for that.
   *
   * @returns The error to throw.
   */
  async beginFor(error: unknown, clerk: ClerkClientLike, credential: Credential): Promise<unknown> {
    if (!isLimit(error)) return error;
    return this.#begin(error, await askedRetryAfterMs(clerk, credential) ?? error.retryAfterMs);
  }

  #begin(error: UnavailableError, retryAfterMs: number): UnavailableError {
    this.#until = this.#now() + retryAfterMs;
    return limited(retryAfterMs, error);
  }
}

function isLimit(error: unknown): error is UnavailableError {
  return error instanceof UnavailableError && error.clerkStatus === 429;
}

async function askedRetryAfterMs(
  clerk: ClerkClientLike,
  credential: Credential,
): Promise<number | undefined> {
  try {
    await verifyPlainly(clerk, credential);
    return undefined;
  } catch (error) {
    return isClerkApiError(error) ? retryAfterMsOf(error) : undefined;
  }
}

function limited(retryAfterMs: number, cause?: unknown): UnavailableError {
  return new UnavailableError("Clerk limits how often it can be asked", { retryAfterMs, cause });
}
