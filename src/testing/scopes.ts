/** What each scope of Clerk lets an application do, in the words of the consent page. */
export const SCOPE_DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ["openid", "Know that it is you who signs in"],
  ["profile", "Read your name, user name and picture"],
  ["email", "Read your email address"],
  ["public_metadata", "Read your public and unsafe metadata"],
  ["private_metadata", "Read your private metadata"],
  ["offline_access", "Stay signed in until you sign out"],
  ["user:org:read", "Know the organization that you choose"],
]);

/** The scopes that every instance knows. */
export const STANDARD_SCOPES: readonly string[] = [...SCOPE_DESCRIPTIONS.keys()];

/** Splits a `scope` parameter (RFC 6749, section 3.3), each scope once. */
export function parseScope(scope: string): string[] {
  return [...new Set(scope.split(" ").filter((token) => token !== ""))];
}
