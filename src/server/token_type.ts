import { invalidToken, misconfigured } from "./failures.ts";

/** The kinds of credential that a backend can take from a CLI. */
export type TokenType = "api_key" | "oauth_token";

/** Which kinds an endpoint takes: one, several, or both (`"any"`). Never a session token nor an M2M token. */
export type AcceptsToken = TokenType | readonly TokenType[] | "any";

const TOKEN_TYPES: readonly TokenType[] = ["api_key", "oauth_token"];

/**
 * The kinds that an `accepts` option names.
 *
 * @throws {ClerkCliAuthError} `config` when it names none, or one that does not exist.
 */
export function acceptedTypes(accepts: AcceptsToken): readonly TokenType[] {
  if (accepts === "any") return TOKEN_TYPES;
  const types = typeof accepts === "string" ? [accepts] : accepts;
  if (Array.isArray(types) && types.length > 0 && types.every((type) => TOKEN_TYPES.includes(type))) {
    return types;
  }
  const got = JSON.stringify(accepts);
  throw misconfigured(
    `'accepts' must be "any", "api_key", "oauth_token" or a list of the latter two: got ${got}`,
  );
}

/**
 * Checks that an endpoint takes a kind of credential.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` when it does not.
 */
export function assertAccepted(type: TokenType, accepted: readonly TokenType[]): void {
  if (!accepted.includes(type)) throw invalidToken(`A token of the type ${type} is not accepted here`);
}
