import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fetchTransport, type HttpRequest } from "../doors/core.ts";

const REQUEST: HttpRequest = {
  method: "POST",
  url: "https://clerk.example.com/oauth/token",
  headers: { accept: "application/json" },
  body: "a=1",
};
const { signal } = new AbortController();

/** A `fetch` that returns this, and records its requests. */
function fakeFetch(answer: () => Response | Promise<Response>) {
  const calls: { url: string; init: RequestInit }[] = [];
  const fetch = (url: string | URL | Request, init: RequestInit = {}) => {
    calls.push({ url: String(url), init });
    return Promise.resolve(answer());
  };
  return { calls, fetch: fetch as typeof globalThis.fetch };
}

async function read(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) text += decoder.decode(chunk, { stream: true });
  return text;
}

describe("fetchTransport()", () => {
  it("sends what it is given, and follows no redirect", async () => {
    const { calls, fetch } = fakeFetch(() => new Response());
    await fetchTransport(fetch)(REQUEST, signal);
    const [{ url, init }] = calls as [{ url: string; init: RequestInit }];
    assertEquals([url, init.method, init.body, init.redirect], [REQUEST.url, "POST", "a=1", "manual"]);
    assertEquals(init.headers as Record<string, string>, REQUEST.headers);
    assert(init.signal === signal);
  });

  it("sends no body with a GET", async () => {
    const { calls, fetch } = fakeFetch(() => new Response());
    await fetchTransport(fetch)({ method: "GET", url: REQUEST.url, headers: {} }, signal);
    assertEquals(calls[0]?.init.body ?? null, null);
  });

  it("returns status, headers and body", async () => {
    const { fetch } = fakeFetch(() => new Response("hello", { status: 418, headers: { "x-a": "1" } }));
    const { status, headers, body } = await fetchTransport(fetch)(REQUEST, signal);
    assertEquals([status, headers.get("X-A"), await read(body)], [418, "1", "hello"]);
  });

  it("returns no body if there is none", async () => {
    const { fetch } = fakeFetch(() => new Response(null, { status: 204 }));
    assertEquals(await read((await fetchTransport(fetch)(REQUEST, signal)).body), "");
  });

  it("cancels a body that is not read to its end", async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel: () => void (cancelled = true),
    });
    const { fetch } = fakeFetch(() => new Response(stream));
    const { body } = await fetchTransport(fetch)(REQUEST, signal);
    for await (const _ of body!) break;
    assert(cancelled);
  });

  it("passes a failure on", async () => {
    const { fetch } = fakeFetch(() => Promise.reject(new TypeError("refused")));
    await assertRejects(() => fetchTransport(fetch)(REQUEST, signal), TypeError, "refused");
  });
});
