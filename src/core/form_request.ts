import type { HttpRequest } from "./transport.ts";

/** A POST of a form that asks for JSON, as OAuth's endpoints take it (RFC 6749, appendix B). */
export function formRequest(url: string, parameters: Record<string, string>): HttpRequest {
  return {
    method: "POST",
    url,
    headers: { "accept": "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(parameters).toString(),
  };
}
