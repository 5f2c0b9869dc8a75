import { randomToken } from "../../core/random.ts";
import type { AccessToken, Authorization, RefreshToken } from "../grants.ts";
import { randomIdentifier, randomText } from "../identifiers.ts";
import type { Instance } from "../instance.ts";
import { idTokenClaims } from "./id_token.ts";

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

/** Issues an ID token (OpenID Connect Core, section 2), or a text that is none where the instance behaves so. */
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
