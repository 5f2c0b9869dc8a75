import { assert, assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import fc from "npm:fast-check@4.10.2";
import { connect, type Socket } from "node:net";
import { type CallbackListener, openCallbackListener, parsePageOptions } from "../doors/client.ts";
import { loadRuntime } from "../doors/runtime.ts";
import { IS_THOROUGH } from "../harness/extent.ts";
import { rawRequest } from "../harness/raw_request.ts";

const ROUNDS = IS_THOROUGH ? 100 : 20;
const STATE = "the-state-of-this-attempt-aaaaaaaaaaaaaaaaa";
const RIGHT = `/callback?code=the-code&state=${STATE}`;
const PAGE = { outcome: "success", heading: "Signed in", paragraphs: ["You are Ada."] } as const;

let listener: CallbackListener;
let port: number;
let isSettled: boolean;
let sockets: Socket[];

beforeEach(async () => {
  listener = await openCallbackListener({
    runtime: await loadRuntime(),
    ports: [0],
    state: STATE,
    issuer: "https://clerk.example.com",
    page: parsePageOptions(),
  });
  port = Number(new URL(listener.redirectUri).port);
  isSettled = false;
  listener.authorizationCode.then(() => isSettled = true, () => isSettled = true);
  sockets = [];
});
afterEach(async () => {
  sockets.forEach((socket) => socket.destroy());
  listener.conclude(Promise.resolve(PAGE));
  await listener.close();
});

/** Opens a connection, sends some bytes and nothing more. */
function send(text: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text, "latin1");
      resolve(socket);
    });
    socket.on("error", () => {}).resume();
    sockets.push(socket);
  });
}

/** Sends some bytes and returns the whole response. */
async function converse(text: string): Promise<string> {
  const socket = await send(text);
  let answer = "";
  socket.setEncoding("latin1").on("data", (part) => answer += part);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.end();
  await closed;
  return answer;
}

/** Nothing has settled the listener, and the true authorization response still does. */
async function assertStillWaits(): Promise<void> {
  assertFalse(isSettled);
  const answer = rawRequest({ port, target: RIGHT });
  assertEquals(await listener.authorizationCode, "the-code");
  listener.conclude(Promise.resolve(PAGE));
  const { status, headers } = await answer;
  assertEquals(status, 303);
  await rawRequest({ port, target: headers.location! });
}

const hostileText = fc.string({ unit: "binary-ascii", maxLength: 200 });
const parameter = fc.tuple(
  fc.oneof(fc.constantFrom("code", "state", "error", "iss", "error_description"), hostileText),
  fc.oneof(fc.constantFrom("the-code", STATE.slice(1), STATE.toUpperCase(), `${STATE} `), hostileText),
);

describe("a hostile client", () => {
  it("settles nothing with any query without the state", async () => {
    const query = fc.array(parameter, { maxLength: 8 }).filter((pairs) =>
      !pairs.some(([name, value]) => name === "state" && value === STATE)
    );
    await fc.assert(
      fc.asyncProperty(query, async (pairs) => {
        const { status } = await rawRequest({ port, target: `/callback?${new URLSearchParams(pairs)}` });
        assertEquals([status, isSettled], [400, false]);
      }),
      { numRuns: 200 },
    );
    await assertStillWaits();
  });

  it("settles nothing with any headers, bodies and methods", async () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/);
    const headers = fc.array(fc.tuple(name, hostileText), { maxLength: 10 });
    const method = fc.constantFrom("POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "PRI");
    await fc.assert(
      fc.asyncProperty(method, headers, hostileText, async (verb, pairs, body) => {
        const lines = pairs.map(([header, value]) => `${header}: ${value}\r\n`).join("");
        await converse(`${verb} ${RIGHT} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${lines}\r\n${body}`);
        assertFalse(isSettled);
      }),
      { numRuns: 150 },
    );
    await assertStillWaits();
  });

  const RAW: Record<string, () => string> = {
    "a state split by a space": () => request(RIGHT.replace("state=", "state= ")),
    "a state behind a fragment": () => request(`/callback?code=x#&state=${STATE}`),
    "a path with an encoded slash": () => request(RIGHT.replace("/callback", "/%2e/callback/")),
    "a target in another case": () => request(RIGHT.toUpperCase()),
    "a folded header": () => request(RIGHT, `Host: evil.example\r\n X: y\r\n`),
    "two Hosts, the right one last": () =>
      request(RIGHT, `Host: evil.example\r\nHost: 127.0.0.1:${port}\r\n`),
    "a Host with credentials": () => request(RIGHT, `Host: a@127.0.0.1:${port}\r\n`),
    "a foreign authority and no Host": () => `GET http://evil.example${RIGHT} HTTP/1.1\r\n\r\n`,
    "a Host with a trailing dot": () => request(RIGHT, `Host: 127.0.0.1.:${port}\r\n`),
    "HTTP/0.9": () => `GET ${RIGHT}\r\n`,
    "a body with two lengths": () =>
      `POST ${RIGHT} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    "a smuggled request": () =>
      `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n` +
      `0\r\n\r\nGET ${RIGHT.replace(STATE, "x")} HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
    "a target of a megabyte": () => request(`/callback?code=${"x".repeat(1_000_000)}`),
    "ten thousand headers": () => request(RIGHT, "X: y\r\n".repeat(10_000)),
    "bytes that are not text": () => "\x00\xff\x16\x03\x01\x02\x00".repeat(100) + "\r\n\r\n",
  };
  for (const [what, text] of Object.entries(RAW)) {
    it(`settles nothing with ${what}`, async () => {
      const answer = await converse(text());
      assertFalse(answer.startsWith("HTTP/1.1 303"), answer.slice(0, 100));
      await assertStillWaits();
    });
  }

  it("keeps nobody out with silent connections, or half a request", async () => {
    await Promise.all(Array.from({ length: 100 }, () => send("")));
    await Promise.all(Array.from({ length: 100 }, () => send("GET /callback?code=")));
    await Promise.all(
      Array.from({ length: 20 }, () => send(`POST ${RIGHT} HTTP/1.1\r\nContent-Length: 9\r\n`)),
    );
    await assertStillWaits();
  });

  it("keeps nobody out by sending requests and never reading the responses", async () => {
    const asking = Array.from({ length: 100 }, () => send(request("/x")).then((socket) => socket.pause()));
    await Promise.all(asking);
    await assertStillWaits();
  });

  it(`keeps nobody out with ${ROUNDS * 50} requests, fifty at once`, async () => {
    const kinds = [
      (i: number) => `/callback?code=x&state=${i}`,
      (i: number) => `/callback?error=access_denied&state=${i}`,
      (i: number) => `/done/${i}`,
      () => "/favicon.ico",
      () => `//evil.example${RIGHT}`,
    ];
    for (let round = 0; round < ROUNDS; round++) {
      const statuses = await Promise.all(
        Array.from({ length: 50 }, (_, i) => rawRequest({ port, target: kinds[i % 5]!(round * 50 + i) })),
      );
      assert(statuses.every(({ status }) => status === 400 || status === 404));
    }
    await assertStillWaits();
  });
});

function request(target: string, headers = `Host: 127.0.0.1:${port}\r\n`): string {
  return `GET ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`;
}
