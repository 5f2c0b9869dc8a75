import fc from "npm:fast-check@4.10.2";
import { openCallbackListener, parsePageOptions } from "../../doors/client.ts";
import type { LoopbackHandler, Runtime } from "../../doors/runtime.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { demand } from "../support/promises.ts";
import { anyText, damaged, textOf } from "../support/texts.ts";

const STATE = "the-state-of-this-attempt-aaaaaaaaaaaaaaaaa";
const RIGHT = `/callback?code=abc&state=${STATE}`;
const MARKER = "FUZZmarker";

const requests = fc.record({
  target: fc.oneof(
    fc.constantFrom(RIGHT, "/", "/done/x", "/favicon.ico", `/callback?state=${STATE}&error=${MARKER}`),
    damaged(fc.constant(RIGHT)),
    textOf("/callback", "?", "/", "//", "..", "%2e", `state=${STATE}`, "code=abc", "&", MARKER),
  ),
  method: fc.constantFrom("GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "DELETE"),
  host: fc.oneof(
    fc.constantFrom("127.0.0.1:4711", "127.0.0.1:4711", "localhost:4711", "evil.example"),
    anyText,
  ),
  headers: fc.dictionary(
    fc.constantFrom("purpose", "sec-purpose", "origin", "cookie", "x-forwarded-host"),
    fc.constantFrom("prefetch", "https://evil.example", MARKER),
  ),
});

/** A request to the loopback listener: only the state settles it, and no page repeats the request. */
export const callbackListener: FuzzTarget = fuzzTarget("callback_listener", requests, async (input) => {
  const request = requestOf(input);
  if (!request) return;
  let handler: LoopbackHandler | undefined;
  const listener = await openCallbackListener({
    runtime: listeningRuntime((given) => handler = given),
    ports: [4711],
    state: STATE,
    issuer: "https://clerk.example.com",
    page: parsePageOptions(),
  });
  let code: string | undefined;
  listener.authorizationCode.then((given) => code = given, () => {});
  listener.conclude(Promise.resolve({ outcome: "success", heading: "Signed in", paragraphs: [] }));
  const response = await handler!(request);
  const text = await response.text();
  const isRedirect = response.status === 303;
  demand(isRedirect || response.status >= 400 && response.status < 504, `the status ${response.status}`);
  demand(!(text + JSON.stringify([...response.headers])).includes(MARKER), "the request is on the page");
  demand(response.headers.get("cache-control") === "no-store", "a page that is kept");
  demand(code === undefined || isRedirect, "a code that was taken and refused");
  if (!isRedirect) return;
  demand(request.method === "GET" && request.headers.get("host") === "127.0.0.1:4711", "a foreign request");
  demand(new URL(request.url).searchParams.getAll("state").join() === STATE, "settled without the state");
});

/** A runtime that exposes the handler instead of listening. */
function listeningRuntime(onHandler: (handler: LoopbackHandler) => void): Runtime {
  const serveLoopback: Runtime["serveLoopback"] = (handler, { port }) => {
    onHandler(handler);
    return Promise.resolve({ port, close: () => Promise.resolve() });
  };
  return { serveLoopback } as Runtime;
}

/** Skips requests that no server would pass on. */
function requestOf(
  { target, method, host, headers }: {
    target: string;
    method: string;
    host: string;
    headers: Record<string, string>;
  },
): Request | undefined {
  try {
    return new Request(`http://127.0.0.1:4711${target}`, { method, headers: { ...headers, host } });
  } catch {
    return undefined;
  }
}
