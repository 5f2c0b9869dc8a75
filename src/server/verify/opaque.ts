import { isJsonObject } from "../../core/encoding.ts";
import type { RememberedToken, SealedCache } from "../cache/sealed_cache.ts";
import type { ClerkAccess, ClerkClientLike } from "../clerk/client.ts";
import { invalidToken, isRateLimit, isRejection, UnavailableError } from "../failures.ts";
import type { Gate } from "../limits/gate.ts";
import type { OpaqueCredential } from "../token/credential.ts";
import { assertAudience, isText, msOfExpiration, tokenInfo } from "../token/verified_token.ts";
import type { TokenKind, VerifiedToken } from "../types.ts";
import { authenticate, failureOf, type VerificationOptions } from "./authenticate.ts";
import type { JwtVerificationOptions } from "./jwt.ts";

export interface OpaqueVerificationOptions extends JwtVerificationOptions {
  getAccess: () => Promise<ClerkAccess>;
  gate: () => Gate;
  /** How long to remember a verified token, in milliseconds; 0 disables it. */
  ttlMs: number;
  sealed: SealedCache | undefined;
  source: string | undefined;
}

/**
 * Verifies an API key or opaque access token through Clerk, unless remembered.
 *
 * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
 */
export async function verifyOpaque(
  credential: OpaqueCredential,
  { getAccess, isOwnClient, audience, ttlMs, sealed, gate, source, now }: OpaqueVerificationOptions,
): Promise<RememberedToken> {
  const { token, type } = credential;
  return await gate().run({ key: token, source }, async (ask) => {
    const remembered = await sealed?.get(token);
    if (remembered) return remembered;
    const { clerk, secrets } = await getAccess();
    // Measured before Clerk is called, so that a revocation shows after at most `ttlMs`.
    const latest = now() + ttlMs;
    const { info, expiresAt = info.expiresAt ?? Infinity } = await ask<Verdict>(type, async (announce) => {
      const askPlainly = () => verifyByOwnClient(clerk, credential, { audience, secrets });
      if (isOwnClient) return { info: await askPlainly() };
      return await askCallersClient(clerk, credential, {
        audience,
        secrets,
        needsExpiry: ttlMs > 0,
        askPlainly: ownMethod(clerk, credential) && (() => (announce(), askPlainly())),
      });
    });
    const verified = { info, expiresAt: Math.min(latest, expiresAt) };
    await sealed?.set(token, verified);
    return verified;
  });
}

/** The result of a verification. Without `expiresAt`, it is valid until the token expires. */
type Verdict = Pick<RememberedToken, "info"> & Partial<RememberedToken>;

interface CallersClientOptions extends VerificationOptions {
  needsExpiry: boolean;
  /** Calls {@linkcode verifyByOwnClient}, if the client has the method. */
  askPlainly: (() => Promise<VerifiedToken>) | undefined;
}

async function askCallersClient(
  clerk: ClerkClientLike,
  credential: OpaqueCredential,
  { needsExpiry, askPlainly, ...options }: CallersClientOptions,
): Promise<Verdict> {
  const info = await authenticate(clerk, credential, options).catch(async (error) => {
    throw askPlainly ? await explained(error, askPlainly) : error;
  });
  // Clerk's response has an ID. Without one, it may come from something in between.
  const isDoubtful = info.id === undefined;
  if (!askPlainly || !(isDoubtful || needsExpiry)) return { info };
  try {
    const { expiresAt } = await askPlainly();
    return { info: expiresAt === undefined ? info : { ...info, expiresAt } };
  } catch (error) {
    if (isDoubtful || isRejection(error)) throw error;
    return { info, expiresAt: 0 };
  }
}

/**
 * Explains why `authenticateRequest` failed, which mistakes a proxy's page for Clerk's response and hides
 * Clerk's reason and `Retry-After`. The client's own method tells them.
 *
 * @returns The error to throw.
 */
export async function explained(error: unknown, askPlainly: () => Promise<unknown>): Promise<unknown> {
  if (!isRejection(error) && !isRateLimit(error)) return error;
  // If Clerk accepts the token, the client checks more than Clerk does.
  const own: unknown = await askPlainly().then(() => error, (own) => own);
  const tellsMore = isRejection(error)
    ? isRejection(own) || own instanceof UnavailableError
    : isRateLimit(own);
  return tellsMore ? own : error;
}

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
  clerk: ClerkClientLike,
  credential: OpaqueCredential,
  { audience, secrets }: Pick<VerificationOptions, "audience" | "secrets">,
): Promise<VerifiedToken> {
  const { token, type } = credential;
  const ask = async () => await ownMethod(clerk, credential)?.verify(token);
  const result = await ask().catch((error) => {
    throw failureOf(error, [token, ...secrets]);
  });
  const { subject, scopes, id, clientId, claims, aud, revoked, expired, expiration, active } = Object(result);
  const custom = isJsonObject(claims) ? claims : undefined;
  if (active === false || expired === true) throw invalidToken(`${NAMES[type]} expired`);
  if (revoked === true) throw invalidToken(`${NAMES[type]} revoked`);
  const isClerks = [subject, id, type === "api_key" ? id : clientId].every(isText) && Array.isArray(scopes) &&
    revoked === false && expired === false;
  // A proxy's response, or none.
  if (!isClerks) throw new UnavailableError("The response about the token was not Clerk's");
  if (type === "oauth_token") assertAudience(aud, audience);
  const orgId = type === "api_key" && String(subject).startsWith("org_") ? subject : undefined;
  const expiresAt = msOfExpiration(expiration);
  return tokenInfo(type, { subject, scopes, id, clientId, orgId, claims: custom, expiresAt });
}

function ownMethod({ apiKeys, idPOAuthAccessToken }: ClerkClientLike, { type }: OpaqueCredential) {
  return type === "api_key" ? apiKeys : idPOAuthAccessToken;
}
