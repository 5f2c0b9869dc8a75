import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { connect, type Socket } from "node:net";
import { type CallbackListener, openCallbackListener, parsePageOptions } from "../doors/client.ts";
import { loadRuntime, type LoopbackHandler } from "../doors/runtime.ts";
import { caught } from "../harness/caught.ts";
import { isOfDeadline, onFakeClock } from "../harness/fake_clock.ts";
import { createFakeRuntime } from "../harness/fake_runtime.ts";
import { isListening, type RawAnswer, rawRequest } from "../harness/raw_request.ts";

const STATE = "the-state-of-this-attempt-aaaaaaaaaaaaaaaaa";
const RIGHT = `/callback?code=the-code&state=${STATE}`;
const PAGE = { outcome: "success", heading: "Signed in", paragraphs: ["You are Ada."] } as const;

let listener: CallbackListener;
let port: number;

async function open(ports: readonly number[] = [0]): Promise<CallbackListener> {
  const runtime = await loadRuntime();
  return await openCallbackListener({
    runtime,
    ports,
    state: STATE,
    issuer: "https://clerk.example.com",
    page: parsePageOptions(),
  });
}

function ask(target: string, request: { method?: string; headers?: Record<string, string | null> } = {}) {
  return rawRequest({ port, target, ...request });
}

/** Sends the authorization response of this attempt and lets the login finish. */
async function answerAndConclude(): Promise<RawAnswer> {
  const answer = ask(RIGHT);
  await listener.authorizationCode;
  listener.conclude(Promise.resolve(PAGE));
  return await answer;
}

/** Nothing has settled the listener: the true authorization response is still accepted. */
async function assertStillWaits(): Promise<void> {
  const { status, headers } = await answerAndConclude();
  assertEquals([status, await listener.authorizationCode], [303, "the-code"]);
  await ask(headers.location!);
}

/** How long a browser may take to fetch the result page. */
const RESULT_PAGE_MS = 1_000;

async function openAnother(): Promise<void> {
  listener = await open();
  port = Number(new URL(listener.redirectUri).port);
}

beforeEach(openAnother);
afterEach(async () => {
  // A test may have left a response waiting for its page.
  listener.conclude(Promise.resolve(PAGE));
  await onFakeClock((clock) => clock.passWhile(listener.close(), RESULT_PAGE_MS), isOfDeadline);
});

describe("the callback listener settles", () => {
  it("on the authorization response with its state", async () => {
    assertEquals(listener.redirectUri, `http://127.0.0.1:${port}/callback`);
    const answer = ask(RIGHT);
    assertEquals(await listener.authorizationCode, "the-code");
    listener.conclude(Promise.resolve(PAGE));
    assertEquals((await answer).status, 303);
  });

  it("on an error with its state", async () => {
    const answer = ask(`/callback?error=access_denied&state=${STATE}`);
    assertEquals((await caught(() => listener.authorizationCode)).code, "access_denied");
    listener.conclude(Promise.resolve(PAGE));
    assertEquals((await answer).status, 303);
  });

  it("on a response that a browser does not prefetch", async () => {
    const answer = ask(RIGHT, { headers: { "sec-purpose": "navigate" } });
    assertEquals(await listener.authorizationCode, "the-code");
    listener.conclude(Promise.resolve(PAGE));
    assertEquals((await answer).status, 303);
  });

  it("once: later ones are told so", async () => {
    await answerAndConclude();
    const again = await ask(RIGHT.replace("the-code", "another"));
    assertEquals([again.status, await listener.authorizationCode], [410, "the-code"]);
    assertEquals(wordsOf(again.body), [
      "Already done",
      "This sign-in has already finished.",
      "You can close this window and go back to the terminal.",
    ]);
    assertStringIncludes(again.body, '<svg class="neutral"');
  });
});

/** The text on a page. */
function wordsOf(page: string): string[] {
  return Array.from(page.matchAll(/<(?:h1|p)>([^<]*)</g), ([, text]) => text!);
}

/** What a rejection tells a person who sees it. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: "This response does not belong to the sign-in in progress.",
  404: "This page does not exist.",
  405: "This page cannot be opened this way.",
  421: "This is not the address that the sign-in uses.",
  503: "This page cannot be preloaded.",
};

describe("the callback listener ignores", () => {
  const strays: [what: string, status: number, target: string, request?: Parameters<typeof ask>[1]][] = [
    ["the root", 404, "/"],
    ["a favicon", 404, "/favicon.ico"],
    ["two slashes", 404, "//"],
    ["the callback behind two slashes", 404, `/${RIGHT}`],
    ["the callback behind a foreign authority", 404, `//evil.example${RIGHT}`],
    ["the callback below another path", 404, `/x/..${RIGHT}x`.replace("callback", "callback/")],
    ["another path", 404, RIGHT.replace("callback", "Callback")],
    ["a guessed result page", 404, "/done/guess"],
    ["no parameters", 400, "/callback"],
    ["no state", 400, "/callback?code=the-code"],
    ["another state", 400, `/callback?code=the-code&state=${STATE}x`],
    ["an error without state", 400, "/callback?error=access_denied"],
    ["two states", 400, `${RIGHT}&state=${STATE}`],
    ["HEAD", 405, RIGHT, { method: "HEAD" }],
    ["OPTIONS", 405, RIGHT, { method: "OPTIONS" }],
    ["POST", 405, RIGHT, { method: "POST", headers: { "content-length": "0" } }],
    ["PUT", 405, RIGHT, { method: "PUT", headers: { "content-length": "0" } }],
    ["a prefetch", 503, RIGHT, { headers: { "sec-purpose": "prefetch" } }],
    ["a prerendering", 503, RIGHT, { headers: { "sec-purpose": "prefetch;prerender" } }],
    ["an old prefetch", 503, RIGHT, { headers: { "purpose": "prefetch" } }],
    ["a foreign Host", 421, RIGHT, { headers: { "host": "evil.example" } }],
    ["a foreign Host on our port", 421, RIGHT, { headers: { "host": "evil.example:PORT" } }],
    ["the Host localhost", 421, RIGHT, { headers: { "host": "localhost:PORT" } }],
    ["another port in Host", 421, RIGHT, { headers: { "host": "127.0.0.1:1" } }],
  ];
  for (const [what, status, target, { method, headers = {} } = {}] of strays) {
    it(`${what} (${status})`, async () => {
      const sent = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value?.replace("PORT", String(port)) ?? null]),
      );
      const answer = await ask(target, { headers: sent, ...(method && { method }) });
      assertEquals(answer.status, status);
      assertEquals(answer.headers["cache-control"], "no-store");
      if (status === 405) assertEquals(answer.headers.allow, "GET");
      if (method !== "HEAD") assertEquals(wordsOf(answer.body), ["Page not available", REFUSALS[status]]);
      await assertStillWaits();
    });
  }

  const malformed: [what: string, target: string, request?: Parameters<typeof ask>[1]][] = [
    ["no Host at all", RIGHT, { headers: { host: null } }],
    ["an asterisk", "*", { method: "OPTIONS" }],
    ["a CONNECT", "127.0.0.1:1", { method: "CONNECT" }],
    ["someone else's absolute URL", `http://evil.example${RIGHT}`, {
      headers: { host: "evil.example" },
    }],
    ["an invalid target", "/callback?%zz=%&state=\\"],
  ];
  for (const [what, target, request] of malformed) {
    it(`${what}`, async () => {
      const { status } = await ask(target, request).catch(() => ({ status: 0 }));
      assert(Number.isNaN(status) || status === 0 || (status >= 400 && status < 500), `${status}`);
      await assertStillWaits();
    });
  }

  it("a thousand of them", async () => {
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => ask(`/callback?code=x&state=${round}-${i}`)));
    }
    await assertStillWaits();
  });

  it("an error without the state, but remembers it for the message", async () => {
    assertEquals(listener.strayError, undefined);
    await ask("/callback?error=invalid_scope");
    await ask("/callback?error=another");
    assertEquals(listener.strayError, "invalid_scope");
  });
});

describe("the response to the authorization response", () => {
  it("waits until the login is finished", async () => {
    let isAnswered = false;
    const answer = ask(RIGHT).finally(() => isAnswered = true);
    await listener.authorizationCode;
    await ask("/"); // Later requests are answered meanwhile.
    assertFalse(isAnswered);
    listener.conclude(Promise.resolve(PAGE));
    await answer;
  });

  it("redirects away from the code, with neither code nor state in the URL", async () => {
    const { status, headers, body } = await answerAndConclude();
    assertEquals([status, body], [303, ""]);
    assertMatch(headers.location ?? "", /^\/done\/[\w-]{43}$/);
    assertEquals(headers["referrer-policy"], "no-referrer");
  });

  it("redirects to a page that waits for the outcome, and is served once", async () => {
    let finish!: (page: typeof PAGE) => void;
    const answer = ask(RIGHT);
    await listener.authorizationCode;
    listener.conclude(new Promise((resolve) => finish = resolve));
    const location = (await answer).headers.location!;
    const page = ask(location);
    finish(PAGE);
    const { status, body } = await page;
    assertEquals(status, 200);
    assertStringIncludes(body, "You are Ada.");
    assertEquals((await ask(location)).status, 410);
  });
});

describe("every page of the listener", () => {
  it("allows nothing but its own style, and is not cached or leaked", async () => {
    const location = (await answerAndConclude()).headers.location!;
    const pages = [await ask("/"), await ask("/callback"), await ask(location), await ask(location)];
    assertEquals(pages.map(({ status }) => status), [404, 400, 200, 410]);
    for (const { headers, body } of pages) {
      const nonce = /<style nonce="([\w-]{43})">/.exec(body)?.[1];
      assertEquals(
        headers["content-security-policy"],
        `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; ` +
          "form-action 'none'; frame-ancestors 'none'",
      );
      assertEquals(headers["content-type"], "text/html; charset=utf-8");
      assertEquals(headers["cache-control"], "no-store");
      assertEquals(headers["referrer-policy"], "no-referrer");
      assertEquals(headers["x-content-type-options"], "nosniff");
      assertEquals(headers["cross-origin-opener-policy"], "same-origin");
      assertFalse(/<script|javascript:|\son\w+=|http-equiv/i.test(body));
    }
  });

  it("escapes its content", async () => {
    const answer = ask(RIGHT);
    await listener.authorizationCode;
    const hostile = `<img src=x onerror=alert(1)>"'&`;
    listener.conclude(Promise.resolve({ outcome: "failure", heading: hostile, paragraphs: [hostile] }));
    const { body } = await ask((await answer).headers.location!);
    assertFalse(body.includes("<img"));
    assertStringIncludes(body, "<h1>&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;</h1>");
  });

  it("repeats nothing of the request", async () => {
    const answers = [
      await ask("/marker?marker=marker"),
      await ask("/callback?code=marker&state=marker&error=marker&error_description=marker"),
    ];
    for (const { body } of answers) assertFalse(body.includes("marker"));
  });
});

describe("close()", () => {
  it("frees the port", async () => {
    assert(await isListening(port));
    await listener.close();
    assertFalse(await isListening(port));
  });

  it("ends connections that a browser opened early and never used", async () => {
    const idle = await openSocket(port);
    let answer = "";
    idle.on("data", (data) => answer += data);
    const ended = new Promise((resolve) => idle.once("close", resolve));
    await listener.close();
    // If the system passes connections on only with their first bytes, this one ends now.
    idle.write(`GET /callback HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await ended;
    assertEquals(answer, "");
  });

  it("does not wait if nobody has responded", async () => {
    await onFakeClock(() => listener.close());
  });

  it("waits until the result page has been fetched, no longer, and never cuts it off", async () => {
    for (let round = 0; round < 50; round++) {
      await onFakeClock(async () => {
        const location = (await answerAndConclude()).headers.location!;
        const closing = listener.close();
        assertStringIncludes((await ask(location)).body, "You are Ada.");
        await closing;
      });
      await openAnother();
    }
  });

  it("waits at most a second for a browser that never fetches it", async () => {
    await onFakeClock(async (clock) => {
      await answerAndConclude();
      let isClosed = false;
      const closing = listener.close().then(() => isClosed = true);
      await clock.advance(999);
      assertFalse(isClosed);
      await clock.advance(1);
      await closing;
    });
  });
});

describe("openCallbackListener()", () => {
  it("recognizes itself on port 80, which a browser omits from Host", async () => {
    let handler: LoopbackHandler | undefined;
    const runtime = await createFakeRuntime({
      parts: {
        serveLoopback: (given) => {
          handler = given;
          return Promise.resolve({ port: 80, close: () => Promise.resolve() });
        },
      },
    });
    const onPort80 = await openCallbackListener({
      runtime,
      ports: [80],
      state: STATE,
      issuer: "https://x.example",
      page: parsePageOptions(),
    });
    const request = new Request(`http://127.0.0.1:80${RIGHT}`, { headers: { host: "127.0.0.1" } });
    handler!(request);
    assertEquals(await onPort80.authorizationCode, "the-code");
  });

  it("takes the first free port", async () => {
    const [free] = await Promise.all([freePort()]);
    const second = await open([port, free]);
    assertEquals(second.redirectUri, `http://127.0.0.1:${free}/callback`);
    await second.close();
  });

  it("says which ports are in use if none is free", async () => {
    const error = await caught(() => open([port, port]));
    assertEquals([error.code, error.retryable], ["config", true]);
    assertStringIncludes(error.message, `${port}, ${port}`);
    assertStringIncludes(error.action, "callbackPort");
  });
});

async function freePort(): Promise<number> {
  const other = await open();
  await other.close();
  return Number(new URL(other.redirectUri).port);
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject); // Does nothing once connected.
  });
}
