import { assertEquals, assertRejects } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { type BearerResponse, canBeSentAgain, sendWithBearer } from "../doors/client.ts";

const URL_ = "https://api.example/notes";
const ELSEWHERE = "https://other.example/notes";

interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
  redirect: string | undefined;
}

let sent: Sent[];
beforeEach(() => {
  sent = [];
});

/** Sends a request that is redirected, then answered with 200. */
async function sendTo(status: number, init: RequestInit = {}, isSpared = true): Promise<BearerResponse> {
  const request = new Request(URL_, init);
  const spare = isSpared ? request.clone() : undefined;
  return await sendWithBearer(request, {
    token: "secret",
    spare,
    send: async (request, options) => {
      const { url, method, headers } = request;
      const { redirect } = options ?? {};
      sent.push({ url, method, headers: Object.fromEntries(headers), body: await request.text(), redirect });
      const location: HeadersInit = sent.length === 1 ? { location: ELSEWHERE } : {};
      return new Response(sent.length === 1 ? "moved" : "done", {
        status: sent.length === 1 ? status : 200,
        headers: location,
      });
    },
  });
}

const POST = {
  method: "POST",
  body: "text",
  headers: {
    "content-type": "text/plain",
    "content-language": "en",
    "content-encoding": "identity",
    "content-location": "/",
    "x-mine": "1",
  },
};

describe("sendWithBearer(), if the response is a redirect,", () => {
  for (const status of [301, 302, 303, 307, 308]) {
    for (const method of ["GET", "HEAD"]) {
      it(`drops the token, and repeats a ${method} (${status})`, async () => {
        const { response, isToToken } = await sendTo(status, { method, headers: { "x-mine": "1" } });
        assertEquals([response.status, isToToken], [200, false]);
        assertEquals(sent.map(({ url, method, redirect }) => [url, method, redirect]), [
          [URL_, method, "manual"],
          [ELSEWHERE, method, "follow"],
        ]);
        assertEquals(sent[0]?.headers.authorization, "Bearer secret");
        assertEquals(sent[1]?.headers, { "x-mine": "1" });
      });
    }
  }

  for (const [status, method] of [[301, "POST"], [302, "POST"], [303, "POST"], [303, "PUT"]] as const) {
    it(`sends a GET after a ${method}, with nothing of its body (${status})`, async () => {
      await sendTo(status, { ...POST, method });
      assertEquals(sent[1], {
        url: ELSEWHERE,
        method: "GET",
        headers: { "x-mine": "1" },
        body: "",
        redirect: "follow",
      });
    });
  }

  for (const [status, method] of [[301, "PUT"], [302, "DELETE"], [307, "POST"], [308, "PUT"]] as const) {
    it(`repeats a ${method} with its body (${status})`, async () => {
      await sendTo(status, { ...POST, method });
      const { authorization: _, ...headers } = sent[0]!.headers;
      assertEquals(sent[1], { url: ELSEWHERE, method, headers, body: "text", redirect: "follow" });
    });
  }

  it("fails if the body is gone", async () => {
    await assertRejects(
      () => sendTo(307, POST, false),
      TypeError,
      "The response is a redirect, but the body cannot be sent again",
    );
  });

  it("returns the redirect if asked to, and fails if asked to", async () => {
    const { response, isToToken } = await sendTo(302, { redirect: "manual" });
    assertEquals([response.status, isToToken], [302, true]);
    assertEquals([await response.text(), sent.length], ["moved", 1]);
    sent = [];
    await assertRejects(
      () => sendTo(302, { redirect: "error" }),
      TypeError,
      "The response is a redirect, which the request does not allow",
    );
    assertEquals(sent.length, 1);
  });

  it("treats no other response as a redirect", async () => {
    for (const status of [200, 201, 300]) {
      sent = [];
      const { response, isToToken } = await sendTo(status);
      assertEquals([response.status, isToToken], [status, true]);
    }
  });

  it("keeps the request's signal", async () => {
    for (const init of [{}, POST]) {
      const stop = new AbortController();
      const request = new Request(URL_, { ...init, signal: stop.signal });
      const signals: AbortSignal[] = [];
      const send = (request: Request) => {
        signals.push(request.signal);
        const status = signals.length === 1 ? 303 : 200;
        return Promise.resolve(new Response(null, { status, headers: { location: ELSEWHERE } }));
      };
      await sendWithBearer(request, { token: "secret", spare: undefined, send });
      stop.abort();
      assertEquals(signals.map(({ aborted }) => aborted), [true, true]);
    }
  });
});

describe("canBeSentAgain()", () => {
  const bodies: [what: string, input: string | Request, init: RequestInit, expected: boolean][] = [
    ["no body", URL_, {}, true],
    ["no body, said so", URL_, { body: null }, true],
    ["a text", URL_, { body: "text" }, true],
    ["a form", URL_, { body: new URLSearchParams("a=b") }, true],
    ["a stream", URL_, { body: new Response("a").body }, false],
    ["a request without a body", new Request(URL_), {}, true],
    ["a request with one", new Request(URL_, { method: "POST", body: "a" }), {}, false],
    [
      "a request whose body is replaced",
      new Request(URL_, { method: "POST", body: "a" }),
      { body: "b" },
      true,
    ],
    ["what is read bit by bit", URL_, { body: chunks() as unknown as BodyInit }, false],
  ];
  for (const [what, input, init, expected] of bodies) {
    it(`is ${expected} for ${what}`, () => assertEquals(canBeSentAgain(input, init), expected));
  }
});

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array());
}
