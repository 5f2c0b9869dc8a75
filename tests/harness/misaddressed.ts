/** A request whose `Host` made its address none, as Deno and Bun hand it on. */
export function misaddressed(request: Request): Request {
  return Object.defineProperty(request, "url", { value: "http://a b/api/me" });
}
