import { encodeBase64Url, randomToken } from "../../core/encoding.ts";
import type { EmulatedUser } from "../entities.ts";
import { fullName, type Instance, randomIdentifier, randomText } from "../instance.ts";
import type { AccessToken, Authorization, RefreshToken } from "./state.ts";

/** Whether an access token is currently valid. */
export function isActive({ authorization, revoked, expiresAt }: AccessToken, instance: Instance): boolean {
  const { grant } = authorization;
  return !revoked && !grant.revoked && expiresAt > instance.now() && instance.users.has(grant.userId);
}

/** The claims of the ID token that comes with an access token (OpenID Connect Core, sections 2 and 3.1.3.6). */
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
    id: randomIdentifier("oat"),
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

/** Issues a refresh token. */
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

/** Issues an ID token (OpenID Connect Core, section 2), or some other text if the instance behaves that way. */
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
  const { grant, organizationId, audience } = authorization;
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
    ...scopes.includes("user:org:read") && organizationId !== undefined && { org_id: organizationId },
    ...audience !== undefined && { aud: audience },
  };
  return await key.sign(claims, { typ: "at+jwt" });
}

/** What the scopes of a token let an application know about its user. */
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
