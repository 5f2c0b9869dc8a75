import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";
import { isTokenText } from "./token_text.ts";

/**
 * Refuses a token that cannot stand in a header: the error of the one who tried would quote it.
 *
 * @throws {ClerkCliAuthError} the code that is given.
 */
export function checkTokenText(token: string, code: ErrorCode): void {
  if (isTokenText(token)) return;
  throw new ClerkCliAuthError(code, "The token holds characters that no token has", {
    action: "Check that it was copied as a whole, without spaces or line breaks",
  });
}
