import { invalidRequest, invalidToken, missingCredentials } from "./failures.ts";

const MAX_TOKEN_LENGTH = 16 * 1024;
const CREDENTIALS = /^bearer +([^ ]*)$/i;
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * The token of a request's one `Authorization` header.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` when there is no bearer credential; `invalid_request` when the
 * header is malformed or came twice.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750, section 2.1}
 */
export function bearerToken(request: Request): string {
  const header = request.headers.get("authorization");
  if (header === null) throw missingCredentials("The Authorization header is missing");
  if (!/^bearer(?:[\s,]|$)/i.test(header)) {
    throw missingCredentials("The Authorization header does not use the Bearer scheme");
  }
  const token = CREDENTIALS.exec(header)?.[1];
  if (token === undefined || !isTokenText(token)) {
    throw invalidRequest("The Authorization header is not one well-formed Bearer header");
  }
  return token;
}

/**
 * Checks that a token is of a length and an alphabet that can be looked at further.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` when it is not.
 */
export function assertTokenText(token: unknown): asserts token is string {
  if (typeof token !== "string" || !isTokenText(token)) throw invalidToken("The token is malformed");
  if (token.length > MAX_TOKEN_LENGTH) {
    throw invalidToken(`The token is longer than ${MAX_TOKEN_LENGTH} characters`);
  }
}

// The length comes first: what is too long is not searched, and is refused by `assertTokenText`.
function isTokenText(token: string): boolean {
  return token.length > MAX_TOKEN_LENGTH || B64TOKEN.test(token);
}
