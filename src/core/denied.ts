import { ClerkCliAuthError } from "./errors.ts";

/** The error of a sign-in that the person, or the issuer for them, has declined. */
export function denied(oauthError: string, detail: string = oauthError): ClerkCliAuthError {
  return new ClerkCliAuthError("access_denied", `The sign-in was not granted (${detail})`, {
    oauthError,
    action: "Start the login again and allow the access",
  });
}
