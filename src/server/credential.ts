import { type AccessTokenJwt, decodeAccessTokenJwt } from "./access_token_jwt.ts";
import { invalidToken } from "./failures.ts";
import type { TokenType } from "./token_type.ts";

/** A token that only Clerk can read. */
export interface OpaqueCredential {
  token: string;
  type: TokenType;
  jwt?: undefined;
}

/** A token that is a JWT, decoded and not verified. */
export interface JwtCredential {
  token: string;
  type: "oauth_token";
  jwt: AccessTokenJwt;
}

/** A token whose kind is known by its form; nothing of it is verified. */
export type Credential = OpaqueCredential | JwtCredential;

const MAX_OPAQUE_LENGTH = 1024;
const OPAQUE = /^(ak|oat)_[A-Za-z0-9_~+/-]+=*$/;

/**
 * Tells what kind of credential a token is, by its form alone.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` for session tokens, M2M tokens and everything else.
 */
export function classify(token: string): Credential {
  const prefix = token.length <= MAX_OPAQUE_LENGTH ? OPAQUE.exec(token)?.[1] : undefined;
  if (prefix) return { token, type: prefix === "ak" ? "api_key" : "oauth_token" };
  const jwt = decodeAccessTokenJwt(token);
  if (jwt) return { token, type: "oauth_token", jwt };
  throw invalidToken("The token is neither an API key nor an OAuth access token: its type is not accepted");
}
