import { assert, assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { inspect } from "node:util";
import { fetchIdentity, isClerkCliAuthError, revokeToken, verifyToken } from "@clerk/cli-auth";
import { mapStore, startTestClient, type TestClient } from "../harness/test_client.ts";

const ACCESS = "oat_MARKERaccess0123456789+/=";
const REFRESH = "rt-MARKERrefresh~0123456789!x";
const ID = "eyJNQVJLRVJpZA0123456789.MARKERid0123456789abc.sig0123456789MARKERid";
const API_KEY = "ak_MARKERkey0123456789abcdef";
const TOKENS = { accessToken: ACCESS, refreshToken: REFRESH, idToken: ID };

let client: TestClient;
/** Everything that came out: errors as logged, events, standard output and error. */
let said: string[];
/** Codes and verifiers that were sent. */
let sent: Set<string>;
let restore: () => void;

beforeEach(async () => {
  client = await startTestClient();
  said = [];
  sent = new Set();
  restore = listenTo(process.stdout, process.stderr);
});
afterEach(async () => {
  restore();
  await client.close();
});

function listenTo(...streams: NodeJS.WriteStream[]): () => void {
  const originals = streams.map((stream) => stream.write);
  for (const stream of streams) {
    const write = stream.write.bind(stream);
    stream.write = ((chunk: string, ...rest: []) => {
      said.push(String(chunk));
      return write(chunk, ...rest);
    }) as typeof stream.write;
  }
  return () => streams.forEach((stream, index) => stream.write = originals[index]!);
}

/** Runs a call and records whatever a program could log of it. */
async function run(call: () => unknown): Promise<void> {
  try {
    const result = await call();
    if (typeof result === "object" && result !== null && "revocations" in result) said.push(logged(result));
  } catch (error) {
    assert(isClerkCliAuthError(error), `not one of ours: ${error}`);
    said.push(logged(error));
  }
}

function logged(value: unknown): string {
  return [inspect(value, { depth: 20, showHidden: true }), JSON.stringify(value), spelledOut(value)].join(
    "\n",
  );
}

function spelledOut(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const members = Reflect.ownKeys(value).map((key) => spelledOut(Reflect.get(value, key)));
  return value instanceof Error
    ? [value.name, value.message, value.stack, ...members].join("\n")
    : members.join();
}

/** No marker came out, in any spelling. */
function assertSilent(): void {
  const text = [...said, logged(client.events)].join("\n");
  for (const secret of [...Object.values(TOKENS), API_KEY, ...sent]) {
    for (const spelling of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      const at = text.indexOf(spelling);
      assertEquals(at, -1, `a secret came out: …${text.slice(Math.max(0, at - 200), at + 60)}…`);
    }
  }
  assertFalse(/MARKER(access|refresh|id|key)/.test(text), "a part of a secret came out");
}

function noteSent(body: unknown): void {
  const form = new URLSearchParams(typeof body === "string" ? body : "");
  for (const name of ["code", "code_verifier"]) {
    const value = form.get(name);
    if (value !== null) sent.add(value);
  }
}

/** How the other side repeats what it was sent. */
const ECHOES: Record<string, (text: string) => string> = {
  "as it is": (text) => text,
  "decoded": (text) => decodeURIComponent(text.replaceAll("+", " ")),
  "percent-encoded": (text) => encodeURIComponent(decodeURIComponent(text.replaceAll("+", " "))),
  "in small letters": (text) => text.replaceAll(/%../g, (octet) => octet.toLowerCase()),
};

/** A `fetch` whose response or error repeats everything that was sent. */
function echoing(echo: (text: string) => string, answer: (text: string) => Response): typeof fetch {
  return (input, init) => {
    noteSent(init?.body);
    const { authorization = "" } = init?.headers as Record<string, string>;
    const form = new URLSearchParams({ authorization, url: String(input) });
    return Promise.resolve(answer(echo(`${init?.body ?? ""}&${form}`)));
  };
}

function rejecting(failure: (text: string) => unknown): typeof fetch {
  return echoing(ECHOES["decoded"]!, (text) => {
    throw failure(text);
  });
}

/** Calls everything that sends a secret. */
async function callAll(fetch: typeof globalThis.fetch): Promise<void> {
  const auth = client.another({ fetch, identityEndpoint: `${client.issuer}/me`, tokenEnvVar: "UNSET" });
  const put = (members: object) => client.change({ ...TOKENS, expiresAt: 0, ...members });
  put({ expiresAt: Date.now() + 10_000 });
  await run(() => auth.getAccessToken());
  for (const call of ["getAccessToken", "whoami", "resolveToken", "logout", "login"] as const) {
    put({});
    await run(() => auth[call]());
  }
  put({ expiresAt: Date.now() + 1e6 });
  await run(() => auth.whoami());
  await run(() => auth.verifyToken(API_KEY));
  await run(() => auth.getAccessToken({ forceRefresh: true }));
  put({ refreshToken: undefined });
  await run(() => auth.logout());
  const { issuer } = client;
  await run(() => fetchIdentity({ issuer, accessToken: ACCESS, fetch }));
  await run(() => verifyToken({ endpoint: `${issuer}/me`, token: API_KEY, fetch }));
  await run(() => revokeToken({ issuer, clientId: "emulator-cli", token: REFRESH, fetch }));
}

describe("No token, code, verifier or key comes out", () => {
  const answers: Record<string, (text: string) => Response> = {
    "in an OAuth error": (text) => Response.json({ error: text, error_description: text }, { status: 400 }),
    "in invalid_grant": (text) =>
      Response.json({ error: "invalid_grant", error_description: text }, { status: 400 }),
    "in Clerk's error": (text) =>
      Response.json({ errors: [{ code: text, message: text, long_message: text }] }, { status: 422 }),
    "in JSON inside a string": (text) =>
      Response.json({ error: "server_error", error_description: JSON.stringify({ text }) }, { status: 500 }),
    "in a page": (text) => new Response(`<html>${text}`, { status: 502 }),
    "in a false success": (text) => Response.json({ access_token: text, token_type: text }),
    "in a redirect": () => new Response(null, { status: 302, headers: { location: `/?t=${ACCESS}` } }),
  };
  for (const [where, answer] of Object.entries(answers)) {
    for (const [how, echo] of Object.entries(ECHOES)) {
      it(`when the issuer repeats it ${how} ${where}`, async () => {
        await callAll(echoing(echo, answer));
        assertSilent();
      });
    }
  }

  const failures: Record<string, (text: string) => unknown> = {
    "in its message": (text) => new TypeError(`cannot send ${text}`),
    "in its cause": (text) => new TypeError("failed", { cause: new Error(text, { cause: { text } }) }),
    "in a member": (text) => Object.assign(new Error("failed"), { request: { body: text, list: [text] } }),
    "in its name": (text) => Object.assign(new Error("failed"), { name: text, code: text }),
    "in an opaque object": (text) =>
      Object.assign(new Error("failed"), {
        body: new URLSearchParams({ text }),
        map: new Map([[text, text]]),
      }),
    "in several errors": (text) => new AggregateError([new Error(text)], text),
    "in a circle": (text) => {
      const error = new Error(text);
      return Object.assign(error, { cause: error, self: [error] });
    },
    "and is not an error": (text) => ({ text }),
    "and is a string": (text) => text,
  };
  for (const [how, failure] of Object.entries(failures)) {
    it(`when fetch rejects with it ${how}`, async () => {
      await callAll(rejecting(failure));
      assertSilent();
    });

    it(`when a custom store throws it ${how}`, async () => {
      const stored = JSON.stringify({ ...TOKENS, expiresAt: 0 });
      const fail = () => {
        throw failure(stored);
      };
      const sound = { ...mapStore(new Map([["tokens", stored]])) };
      const withLock = fail as () => Promise<never>;
      for (const broken of [{ get: fail }, { set: fail }, { delete: fail }, { withLock }]) {
        const auth = client.another({ storage: { ...sound, ...broken } });
        for (const call of ["getAccessToken", "getTokenSet", "whoami", "login", "logout"] as const) {
          await run(() => auth[call]());
        }
      }
      assertSilent();
    });
  }

  it("when what is stored cannot be read", async () => {
    for (const text of [`${JSON.stringify(TOKENS)}}`, JSON.stringify([TOKENS]), ACCESS]) {
      client.entries.set("tokens", text);
      for (const call of ["getAccessToken", "getTokenSet", "whoami", "logout"] as const) {
        await run(() => client.auth[call]());
        client.entries.set("tokens", text);
      }
    }
    assertSilent();
  });

  it("when a token cannot be part of a header", async () => {
    const auth = client.another({ identityEndpoint: `${client.issuer}/me` });
    for (const token of [`${API_KEY}\n${ACCESS}`, `${API_KEY}é🦊`, `${API_KEY} ${REFRESH}`]) {
      client.change({ ...TOKENS, accessToken: token });
      await run(() => auth.verifyToken(token));
      await run(() => auth.whoami());
      await run(() => auth.fetch(`${client.issuer}/me`));
      await run(() => fetchIdentity({ issuer: client.issuer, accessToken: token }));
    }
    assertSilent();
  });

  it("when the client itself is logged", async () => {
    client.change(TOKENS);
    await client.auth.getTokenSet();
    said.push(logged(client.auth));
    assertSilent();
  });

  it("when all goes well", async () => {
    const auth = client.another({ fetch: (input, init) => (noteSent(init?.body), fetch(input, init)) });
    const { tokens } = await auth.login();
    for (const token of [tokens.accessToken, tokens.refreshToken!, tokens.idToken!]) sent.add(token);
    await auth.getAccessToken({ forceRefresh: true });
    await auth.login();
    await run(() => auth.logout());
    assert(sent.size >= 7, "codes, verifiers and tokens were seen");
    assertSilent();
  });
});
