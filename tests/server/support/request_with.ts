/** A request with a bearer token. */
export function requestWith(token: string): Request {
  return new Request("https://api.example.com/me", { headers: { authorization: `Bearer ${token}` } });
}
