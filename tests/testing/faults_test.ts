import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { onFakeClock } from "../harness/fake_clock.ts";
import { exchangeCode, ISSUER, obtainCode, OPAQUE, refresh } from "./flow.ts";

const METADATA = `${ISSUER}/.well-known/openid-configuration`;

describe("a fault", () => {
  it("happens once, only at its endpoint", async () => {
    const { fetch, faults } = createEmulator();
    faults.add({ endpoint: "metadata", status: 503 });
    assertEquals((await fetch(new Request(`${ISSUER}/.well-known/jwks.json`))).status, 200);
    assertEquals(faults.pending, 1);
    assertEquals((await fetch(new Request(METADATA))).status, 503);
    assertEquals((await fetch(new Request(METADATA))).status, 200);
    assertEquals(faults.pending, 0);
  });

  it("happens as often as told, after as many requests as told, one fault after the other", async () => {
    const { fetch, faults } = createEmulator();
    faults.add({ endpoint: "metadata", status: 503, times: 2, skip: 1 });
    faults.add({ endpoint: "metadata", status: 429, headers: { "Retry-After": "7" } });
    const statuses: number[] = [];
    for (let request = 0; request < 5; request++) statuses.push((await fetch(new Request(METADATA))).status);
    assertEquals(statuses, [200, 503, 503, 429, 200]);
  });

  it("is forgotten with clear()", async () => {
    const { fetch, faults } = createEmulator();
    faults.add({ endpoint: "metadata", status: 503, times: Infinity });
    assertEquals((await fetch(new Request(METADATA))).status, 503);
    faults.clear();
    assertEquals((await fetch(new Request(METADATA))).status, 200);
  });

  it("has the given body: text as it is, anything else as JSON", async () => {
    const { fetch, faults } = createEmulator();
    faults.add({
      endpoint: "metadata",
      body: "<h1>Bad gateway</h1>",
      status: 502,
      headers: { "Content-Type": "text/html" },
    });
    faults.add({ endpoint: "metadata", body: { issuer: "other" } });
    const first = await fetch(new Request(METADATA));
    assertEquals([first.status, await first.text()], [502, "<h1>Bad gateway</h1>"]);
    assertEquals(first.headers.get("content-type"), "text/html");
    const second = await fetch(new Request(METADATA));
    assertEquals([second.status, await second.json()], [200, { issuer: "other" }]);
  });

  it("has the given media type, however the header's name is written", async () => {
    const { fetch, faults } = createEmulator();
    for (const name of ["Content-Type", "content-type"]) {
      for (const type of ["application/json", "application/problem+json"]) {
        faults.add({ endpoint: "metadata", body: {}, headers: { [name]: type } });
        assertEquals((await fetch(new Request(METADATA))).headers.get("content-type"), type);
      }
    }
  });

  it("delays the real response", async () => {
    const { fetch, faults } = createEmulator();
    faults.add({ endpoint: "metadata", delayMs: 50 });
    await onFakeClock(async (clock) => {
      let isAnswered = false;
      const answer = fetch(new Request(METADATA)).finally(() => isAnswered = true);
      await clock.untilSet(50);
      await clock.advance(49);
      assertEquals(isAnswered, false);
      await clock.advance(1);
      assertEquals((await (await answer).json()).issuer, ISSUER);
    });
  });

  it("keeps the request from taking effect", async () => {
    const { fetch, faults, issueTokens } = createEmulator({ behavior: OPAQUE });
    const { refreshToken } = await issueTokens({ scopes: ["profile"] });
    faults.add({ endpoint: "token", status: 500 });
    assertEquals((await refresh(fetch, refreshToken)).status, 500);
    assertEquals((await refresh(fetch, refreshToken)).status, 200);
  });

  it("lets the request take effect if told to, as if only the response were lost", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { code, codeVerifier } = await obtainCode(emulator);
    emulator.faults.add({ endpoint: "token", status: 504, takesEffect: true });
    assertEquals((await exchangeCode(emulator.fetch, { code, codeVerifier })).status, 504);
    assertEquals((await exchangeCode(emulator.fetch, { code, codeVerifier })).body.error, "invalid_grant");
  });

  it("cuts the body in the middle", async () => {
    const { fetch, faults } = createEmulator();
    faults.add({ endpoint: "metadata", cut: "body" });
    const response = await fetch(new Request(METADATA));
    assertEquals(response.status, 200);
    await assertRejects(() => response.text(), Error, "cut this connection");
  });

  it("never responds with cut 'headers', until the client gives up", async () => {
    const { fetch, faults } = createEmulator();
    faults.add({ endpoint: "metadata", cut: "headers" });
    const client = new AbortController();
    let isAnswered = false;
    const answer = fetch(new Request(METADATA, { signal: client.signal })).finally(() => isAnswered = true);
    assertEquals((await fetch(new Request(`${ISSUER}/elsewhere`))).status, 404);
    assertEquals(isAnswered, false);
    client.abort();
    await answer;
  });

  it("is rejected if it could never happen", () => {
    const { faults } = createEmulator();
    assertThrows(
      () => faults.add({ endpoint: "token", times: 0 }),
      RangeError,
      "'times' must be at least 1: got 0",
    );
    assertThrows(
      () => faults.add({ endpoint: "token", skip: -1 }),
      RangeError,
      "'skip' must not be negative: got -1",
    );
    assertThrows(() => faults.add({ endpoint: "token", times: NaN }), RangeError);
  });
});

describe("an emulator that listens", () => {
  let emulator: Emulator;
  let server: ListeningEmulator;
  beforeEach(async () => {
    emulator = createEmulator();
    server = await emulator.listen();
  });
  afterEach(() => server.close());

  it("breaks a connection in the middle of the body", async () => {
    emulator.faults.add({ endpoint: "metadata", cut: "body" });
    const response = await fetch(`${server.issuer}/.well-known/openid-configuration`);
    assertEquals(response.status, 200);
    await assertRejects(() => response.text());
  });

  it("closes while a request hangs", async () => {
    emulator.faults.add({ endpoint: "userinfo", cut: "headers" });
    const arrived = nextRequest(emulator);
    const hanging = assertRejects(async () => await (await fetch(`${server.issuer}/oauth/userinfo`)).text());
    await arrived;
    await server.close();
    await hanging;
  });

  it("says where it listens, and keeps its state until it listens again", async () => {
    const { accessToken } = await emulator.issueTokens();
    await server.close();
    await assertRejects(() => fetch(server.url));
    server = await emulator.listen();
    const { issuer, url, port } = server;
    assertEquals([issuer, url], [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port}/`]);
    assertEquals(emulator.issuer, issuer);
    const headers = { Authorization: `Bearer ${accessToken}` };
    assertEquals((await fetch(`${issuer}/oauth/userinfo`, { headers })).status, 200);
  });

  it("has a publishable key that names its host", () => {
    const { publishableKey } = emulator;
    assertEquals(atob(publishableKey.slice("pk_test_".length)), `127.0.0.1:${server.port}$`);
  });
});

/** Resolves when the emulator has logged another request. */
function nextRequest({ requests }: Emulator): Promise<void> {
  const { push } = requests;
  return new Promise((resolve) => {
    requests.push = (...entries) => {
      resolve();
      return push.apply(requests, entries);
    };
  });
}
