/** Whether a token is a Clerk API key: the issuer neither issued it nor can revoke it, only a backend knows it. */
export function isApiKey(token: string): boolean {
  return token.startsWith("ak_");
}
