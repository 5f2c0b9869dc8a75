/** A request whose `Host` made its URL invalid, as Deno and Bun pass it on. */
export function misaddressed(request: Request): Request {
  return Object.defineProperty(request, "url", { value: "http://a b/api/me" });
}
