import { decodeBase64Url, encodeBase64Url, parseJsonObject, randomToken } from "../../core/encoding.ts";
import type { EmulatedUser } from "../entities.ts";
import { OAuthProblem } from "../http.ts";
import { fullName, type Instance, randomHexIdentifier, randomIdentifier, randomText } from "../instance.ts";
import type { AccessRequest, AccessToken, Approval, Authorization, Grant, RefreshToken } from "./state.ts";

/** Every sign-in has its own grant unless the instance shares them. */
export function findOrCreateGrant(
  instance: Instance,
  { userId, clientId }: { userId: string; clientId: string },
): Grant {
  const shared = instance.behavior.shareGrantOnRelogin &&
    [...instance.grants].find((grant) =>
      grant.userId === userId && grant.clientId === clientId && !grant.revoked
    );
  if (shared) return shared;
  const grant: Grant = { id: randomIdentifier("grant"), userId, clientId, revoked: false };
  instance.grants.add(grant);
  return grant;
}

/** Returns the error for an invalid code or token (RFC 6749, section 5.2). */
export function invalidGrant({ behavior }: Instance, description: string): OAuthProblem {
  return new OAuthProblem("invalid_grant", description, { status: behavior.invalidGrantStatus });
}

/** Turns a user's approval into an authorization. */
export function authorizationOf(
  { application: { clientId }, scopes, audience, nonce }: AccessRequest,
  { approval, instance }: { approval: Approval; instance: Instance },
): Authorization {
  const { user, organizationId, authenticatedAt } = approval;
  const grant = findOrCreateGrant(instance, { userId: user.id, clientId });
  return { grant, scopes, audience, nonce, organizationId, authenticatedAt };
}

/** Reports whether an access token is valid now. */
export function isActive({ authorization, revoked, expiresAt }: AccessToken, instance: Instance): boolean {
  const { grant } = authorization;
  return !revoked && !grant.revoked && expiresAt > instance.now() && instance.users.has(grant.userId);
}

/** Finds a refresh token that was not rotated, or an access token. */
export function findToken(
  token: string,
  { refreshTokens, accessTokens }: Instance,
): RefreshToken | AccessToken | undefined {
  const refreshToken = refreshTokens.get(token);
  return refreshToken?.state === "active" ? refreshToken : accessTokens.get(token);
}

/** Reports whether a token looks like a JWT access token, which cannot be revoked. */
export function isJwtAccessToken(token: string): boolean {
  const parts = token.split(".");
  if (parts.length !== 3) return false;
  try {
    return parseJsonObject(new TextDecoder().decode(decodeBase64Url(parts[0] ?? "")))?.typ === "at+jwt";
  } catch {
    // Not base64url, so not a JWT.
    return false;
  }
}

/** Builds the claims of an ID token (OpenID Connect Core 1.0, sections 2 and 3.1.3.6). */
async function idTokenClaims(
  { token, authorization, scopes, issuedAt, expiresAt }: AccessToken,
  { instance, issuer }: { instance: Instance; issuer: string },
): Promise<Record<string, unknown>> {
  const { grant, nonce, authenticatedAt, organizationId } = authorization;
  const user = instance.users.get(grant.userId);
  return {
    ...user && scopedUserClaims(user, { scopes, organizationId, instance }),
    iss: issuer,
    sub: grant.userId,
    aud: grant.clientId,
    iat: Math.floor(issuedAt / 1000),
    exp: Math.floor(expiresAt / 1000),
    auth_time: Math.floor(authenticatedAt / 1000),
    at_hash: await halfHash(token),
    ...nonce !== undefined && { nonce },
  };
}

async function halfHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return encodeBase64Url(new Uint8Array(digest).subarray(0, 16));
}

/** Issues an access token, as a JWT (RFC 9068) or opaque. */
export async function issueAccessToken(
  authorization: Authorization,
  { instance, issuer, scopes = authorization.scopes, format, lifetimeSeconds }: {
    instance: Instance;
    issuer: string;
    scopes?: readonly string[];
    format: "jwt" | "opaque";
    lifetimeSeconds: number;
  },
): Promise<AccessToken> {
  const issuedAt = instance.now();
  const token: Omit<AccessToken, "token"> = {
    id: randomHexIdentifier("oat"),
    format,
    authorization,
    scopes,
    issuedAt,
    expiresAt: issuedAt + lifetimeSeconds * 1000,
    revoked: false,
  };
  const text = format === "jwt"
    ? await signAccessToken(token, { instance, issuer })
    : `oat_${randomText(40)}`;
  const accessToken = { ...token, token: text };
  instance.accessTokens.set(text, accessToken);
  return accessToken;
}

export function issueRefreshToken(authorization: Authorization, instance: Instance): RefreshToken {
  const refreshToken: RefreshToken = {
    token: randomToken(),
    authorization,
    issuedAt: instance.now(),
    state: "active",
  };
  instance.refreshTokens.set(refreshToken.token, refreshToken);
  return refreshToken;
}

/** Issues an ID token (OpenID Connect Core 1.0, section 2), or opaque text if the instance behaves that way. */
export async function issueIdToken(
  accessToken: AccessToken,
  { instance, issuer }: { instance: Instance; issuer: string },
): Promise<string> {
  if (instance.behavior.idTokenFormat === "opaque") return `idt_${randomText(40)}`;
  const key = await instance.signingKey();
  return await key.sign(await idTokenClaims(accessToken, { instance, issuer }), { typ: "JWT" });
}

async function signAccessToken(
  { id, authorization, scopes, issuedAt, expiresAt }: Omit<AccessToken, "token">,
  { instance, issuer }: { instance: Instance; issuer: string },
): Promise<string> {
  const { grant, audience } = authorization;
  const key = await instance.signingKey();
  const claims = {
    iss: issuer,
    sub: grant.userId,
    client_id: grant.clientId,
    scope: scopes.join(" "),
    jti: id,
    iat: Math.floor(issuedAt / 1000),
    nbf: Math.floor(issuedAt / 1000),
    exp: Math.floor(expiresAt / 1000),
    ...organizationClaim({ authorization, scopes }),
    ...audience !== undefined && { aud: audience },
  };
  return await key.sign(claims, { typ: "at+jwt" });
}

/** Returns the organization that the user chose, if the scopes allow it. */
export function organizationClaim(
  { authorization: { organizationId }, scopes }: Pick<AccessToken, "authorization" | "scopes">,
): { org_id?: string } {
  return scopes.includes("user:org:read") && organizationId !== undefined ? { org_id: organizationId } : {};
}

/** Returns the user's claims that the scopes allow. */
export function scopedUserClaims(
  user: EmulatedUser,
  { scopes, organizationId, instance }: {
    scopes: readonly string[];
    organizationId: string | undefined;
    instance: Instance;
  },
): Record<string, unknown> {
  const organization = organizationId === undefined ? undefined : instance.organizations.get(organizationId);
  return {
    ...scopes.includes("email") && { email: user.email, email_verified: user.emailVerified },
    ...scopes.includes("profile") && profileClaims(user),
    ...scopes.includes("public_metadata") && {
      public_metadata: user.publicMetadata,
      unsafe_metadata: user.unsafeMetadata,
    },
    ...scopes.includes("private_metadata") && { private_metadata: user.privateMetadata },
    ...scopes.includes("user:org:read") && organization && {
      org_id: organization.id,
      org_name: organization.name,
      org_slug: organization.slug,
    },
  };
}

function profileClaims(user: EmulatedUser): Record<string, unknown> {
  return {
    name: fullName(user),
    given_name: user.firstName,
    family_name: user.lastName,
    picture: user.imageUrl,
    preferred_username: user.username,
    username: user.username,
  };
}
