import type { LoopbackHandler } from "./runtime.ts";

/** How long a closing listener waits for responses to go out. */
export const CLOSING_MS = 100;

/**
 * Passes a request to the handler as one for `http://127.0.0.1:PORT`, whatever its `Host` says. Responds 400 if it
 * cannot become a `Request`, and a bare 500 if the handler fails: nothing a stranger sends can end the process or
 * reveal the text of an error.
 */
export async function respondOnLoopback(
  handler: LoopbackHandler,
  request: Request,
  port: number,
): Promise<Response> {
  const local = localRequest(request, port);
  return local === null ? badRequest() : await respondSafely(handler, local);
}

/** Calls the handler. Errors become a 500 without text. */
export async function respondSafely(handler: LoopbackHandler, request: Request): Promise<Response> {
  try {
    return await handler(request);
  } catch {
    return new Response(null, { status: 500 });
  }
}

export function badRequest(): Response {
  return new Response(null, { status: 400 });
}

/**
 * Builds the URL under which the handler sees a request.
 *
 * @param target The request target: a path, or an absolute URL (RFC 9112, section 3.2.2), of which the path counts.
 * @returns `null` if there is no path (`*`, or the authority of a `CONNECT`).
 */
export function loopbackUrl(
  target: string,
  { host, port }: { host: string | null; port: number },
): string | null {
  // A runtime may have built the URL from this header. Characters that end an authority would move the path.
  if (host !== null && /[\s/?#@\\]/.test(host)) return null;
  const path = /^(?:https?:\/\/[^/?#]*)?(\/[^#]*)/i.exec(target)?.[1];
  return path === undefined ? null : `http://127.0.0.1:${port}${path}`;
}

function localRequest(request: Request, port: number): Request | null {
  const { method, headers, body } = request;
  const url = loopbackUrl(request.url, { host: headers.get("host"), port });
  if (url === null) return null;
  if (url === request.url) return request;
  try {
    // From its parts: if copied whole, Deno warns on standard error about the signal.
    return new Request(url, { method, headers, body, duplex: "half" } as RequestInit);
  } catch {
    return null; // A method that Request refuses, such as CONNECT.
  }
}
