import { isJsonObject } from "../../core/encoding.ts";
import type { RememberedToken, SealedCache } from "../cache/sealed_cache.ts";
import type { ClerkAccess, ClerkClientLike } from "../clerk/client.ts";
import { isClerkApiError, retryAfterMsOf } from "../clerk/failures.ts";
import { invalidToken, isRateLimit, isRejection, UnavailableError } from "../failures.ts";
import type { Clock } from "../limits/by_key.ts";
import type { Gate } from "../limits/gate.ts";
import type { Credential, OpaqueCredential } from "../token/credential.ts";
import { assertAudience, isText, msOfExpiration, tokenInfo } from "../token/verified_token.ts";
import type { TokenKind, VerifiedToken } from "../types.ts";
import { authenticate, failureOf, type VerificationOptions } from "./authenticate.ts";

/**
 * Double-checks a rejection by `authenticateRequest`, which mistakes a proxy's page for Clerk's response,
 * with the client's own method. That method also tells Clerk's reason.
 *
 * @returns The error to throw.
 */
export async function confirmRejection(
  error: unknown,
  clerk: OwnMethods,
  credential: OpaqueCredential,
  options: OwnVerificationOptions,
): Promise<unknown> {
  if (!isRejection(error) || !hasOwnMethod(clerk, credential)) return error;
  try {
    await verifyByOwnClient(clerk, credential, options);
  } catch (own) {
    if (isRejection(own) || own instanceof UnavailableError) return own;
  }
  // The client may check more than Clerk does.
  return error;
}

interface OpaqueVerificationOptions extends Clock {
  getAccess: () => Promise<ClerkAccess>;
  /** Whether we created the client. A caller's client is only asked through `authenticateRequest`. */
  isOwnClient: boolean;
  audience: readonly string[] | undefined;
  /** How long to remember a verified token, in milliseconds; 0 disables it. */
  ttlMs: number;
  /** Remembers tokens outside this process. */
  sealed: SealedCache | undefined;
  gate: () => Gate;
}

/** Verifies API keys and opaque access tokens through Clerk, unless remembered. */
export class OpaqueVerification {
  readonly #options: OpaqueVerificationOptions;

  constructor(options: OpaqueVerificationOptions) {
    this.#options = options;
  }

  /**
   * Verifies an opaque token.
   *
   * @param source Where the request came from.
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  async verify(credential: OpaqueCredential, source?: string): Promise<RememberedToken> {
    const { gate, sealed, now, ttlMs, getAccess } = this.#options;
    return await gate().run({ key: credential.token, source }, async (ask) => {
      const remembered = await sealed?.get(credential.token);
      if (remembered) return remembered;
      const access = await getAccess();
      // Measured before Clerk is called, so that a revocation shows after at most `ttlMs`.
      const latest = now() + ttlMs;
      const { info, expiresAt } = await ask(
        credential.type,
        (announce) => this.#ask(access, credential, announce),
      );
      const verified = { info, expiresAt: Math.min(latest, expiresAt) };
      await sealed?.set(credential.token, verified);
      return verified;
    });
  }

  async #ask(
    { clerk, secrets }: ClerkAccess,
    credential: OpaqueCredential,
    announce: () => void,
  ): Promise<RememberedToken> {
    const { isOwnClient, audience, ttlMs } = this.#options;
    if (isOwnClient) {
      const info = await verifyByOwnClient(clerk, credential, { audience, secrets });
      return { info, expiresAt: info.expiresAt ?? Infinity };
    }
    const own = announcing(clerk, announce);
    try {
      const info = await authenticate(clerk, credential, { audience, secrets, offline: false });
      // Clerk's response has an ID. Without one, it may come from something in between.
      const isDoubtful = info.id === undefined && hasOwnMethod(own, credential);
      if (isDoubtful) await verifyByOwnClient(own, credential, { audience, secrets });
      return ttlMs > 0 ? await withExpiry(info, own, credential) : { info, expiresAt: 0 };
    } catch (error) {
      const confirmed = await confirmRejection(error, own, credential, { audience, secrets });
      throw await withRetryAfter(confirmed, own, credential);
    }
  }
}

/** The methods of a client that verify opaque tokens. */
type OwnMethods = Pick<ClerkClientLike, "apiKeys" | "idPOAuthAccessToken">;

/** Wraps the methods of a client to announce each call. */
function announcing({ apiKeys, idPOAuthAccessToken }: OwnMethods, announce: () => void): OwnMethods {
  return {
    ...(apiKeys && { apiKeys: { verify: (token) => (announce(), apiKeys.verify(token)) } }),
    ...(idPOAuthAccessToken && {
      idPOAuthAccessToken: { verify: (token) => (announce(), idPOAuthAccessToken.verify(token)) },
    }),
  };
}

function hasOwnMethod({ apiKeys, idPOAuthAccessToken }: OwnMethods, { type }: Credential): boolean {
  return (type === "api_key" ? apiKeys : idPOAuthAccessToken) !== undefined;
}

/**
 * Adds the expiry to a token that a caller's client accepted, because `authenticateRequest` does not tell it.
 * If that fails, the token is not remembered.
 */
async function withExpiry(
  info: VerifiedToken,
  clerk: OwnMethods,
  credential: OpaqueCredential,
): Promise<RememberedToken> {
  if (!hasOwnMethod(clerk, credential)) return { info, expiresAt: Infinity };
  try {
    const { expiresAt } = await verifyByOwnClient(clerk, credential, { secrets: [] });
    if (expiresAt === undefined) return { info, expiresAt: Infinity };
    return { info: { ...info, expiresAt }, expiresAt };
  } catch {
    return { info, expiresAt: 0 };
  }
}

type OwnVerificationOptions = Pick<VerificationOptions, "audience" | "secrets">;

/** Clerk's name for each kind of token. */
const NAMES: Record<TokenKind, string> = { api_key: "API key", oauth_token: "OAuth token" };

/**
 * Verifies an opaque token with a client's own method. `authenticateRequest` makes the same call, but hides
 * whether the token is revoked or expired, when it expires, how long to wait, and whether a rejection came
 * from Clerk at all.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if it is rejected, `unavailable` if Clerk cannot tell right
 * now, `config` if we are misconfigured.
 */
export async function verifyByOwnClient(
  clerk: OwnMethods,
  credential: OpaqueCredential,
  options: OwnVerificationOptions,
): Promise<VerifiedToken> {
  const { type } = credential;
  const answer = await verifyPlainly(clerk, credential).catch((error) => {
    throw failureOf(error, [credential.token, ...options.secrets]);
  });
  const { subject, scopes, id, clientId, claims, aud, revoked, expired, expiration, active } = Object(answer);
  const custom = isJsonObject(claims) ? claims : undefined;
  if (active === false || expired === true) throw invalidToken(`${NAMES[type]} expired`);
  if (revoked === true) throw invalidToken(`${NAMES[type]} revoked`);
  const isClerks = [subject, id, type === "api_key" ? id : clientId].every(isText) && Array.isArray(scopes) &&
    revoked === false && expired === false;
  // A proxy's response, or none.
  if (!isClerks) throw new UnavailableError("The response about the token was not Clerk's");
  if (type === "oauth_token") assertAudience(aud, options.audience);
  const orgId = type === "api_key" && String(subject).startsWith("org_") ? subject : undefined;
  const expiresAt = msOfExpiration(expiration);
  return tokenInfo(type, { subject, scopes, id, clientId, orgId, claims: custom, expiresAt });
}

/** Calls the client's own method for an opaque token; `undefined` if the client has none. */
export async function verifyPlainly(
  { apiKeys, idPOAuthAccessToken }: OwnMethods,
  { token, type }: Credential,
): Promise<unknown> {
  return await (type === "api_key" ? apiKeys : idPOAuthAccessToken)?.verify(token);
}

/**
 * Adds Clerk's `Retry-After` to the error of a rate limit. `authenticateRequest` hides it, so the client's
 * own method is called once.
 *
 * @returns The error to throw.
 */
export async function withRetryAfter(
  error: unknown,
  clerk: OwnMethods,
  credential: Credential,
): Promise<unknown> {
  if (!isRateLimit(error)) return error;
  const retryAfterMs = await verifyPlainly(clerk, credential).then(
    () => undefined,
    (failure) => isClerkApiError(failure) ? retryAfterMsOf(failure) : undefined,
  );
  return new UnavailableError(error.message, { retryAfterMs, clerkStatus: 429, cause: error.cause });
}
