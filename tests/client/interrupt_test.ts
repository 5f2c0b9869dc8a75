import { assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { EmulatorEndpoint } from "@clerk/cli-auth/testing";
import type { ClerkCliAuthConfig } from "@clerk/cli-auth";
import { type ClientContext, login, openContext, resolveConfig } from "../doors/client.ts";
import { caught } from "../harness/caught.ts";
import { createFakeRuntime, type FakeRuntime } from "../harness/fake_runtime.ts";
import { isListening } from "../harness/raw_request.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;
let runtime: FakeRuntime;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

async function contextOn(
  fake: FakeRuntime,
  config: Partial<ClerkCliAuthConfig> = {},
): Promise<ClientContext> {
  runtime = fake;
  return await openContext(resolveConfig({ ...client.config, ...config }), fake);
}

async function assertAllIsFreed(): Promise<void> {
  assertEquals(runtime.interruptListeners, 0);
  const event = client.events.findLast(({ type }) => type === "authorize_url");
  if (event?.type !== "authorize_url") return;
  assertFalse(await isListening(Number(new URL(event.redirectUri).port)));
}

describe("Ctrl-C during login()", () => {
  for (const endpoint of ["authorize", "token"] as EmulatorEndpoint[]) {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      it(`(${signal}, ${endpoint}) frees everything and stores nothing`, async () => {
        client.emulator.faults.add({ endpoint, cut: "headers" });
        const running = login(await contextOn(await createFakeRuntime()));
        await client.untilRequested(endpoint);
        runtime.interrupt(signal);
        const error = await caught(() => running);
        assertEquals([error.code, error.exitCode, error.cause], ["cancelled", 130, signal]);
        await assertAllIsFreed();
        assertEquals([...client.entries], []);
      });
    }
  }

  it("while the store writes lets it finish, so that no partial record remains", async () => {
    let begin!: () => void;
    let finish!: () => void;
    const begun = new Promise<void>((resolve) => begin = resolve);
    const mayFinish = new Promise<void>((resolve) => finish = resolve);
    const { entries } = client;
    const storage = {
      get: (key: string) => entries.get(key),
      async set(key: string, value: string) {
        begin();
        await mayFinish;
        entries.set(key, value);
      },
      delete: (key: string) => entries.delete(key),
    };
    const running = login(await contextOn(await createFakeRuntime(), { storage }));
    await begun;
    runtime.interrupt("SIGINT");
    finish();
    await caught(() => running);
    await assertAllIsFreed();
    assertEquals(typeof client.record()?.accessToken, "string");
  });

  it("while the listener opens frees the port, and opens no browser", async () => {
    const fake = await createFakeRuntime();
    const serveLoopback: typeof fake.serveLoopback = async (...args) => {
      const server = await real.serveLoopback(...args);
      ports.push(server.port);
      fake.interrupt("SIGINT");
      return server;
    };
    const real = { ...fake };
    const ports: number[] = [];
    const error = await caught(async () => login(await contextOn(Object.assign(fake, { serveLoopback }))));
    assertEquals([error.code, ports.length, client.emulator.requests.length], ["cancelled", 1, 0]);
    assertFalse(await isListening(ports[0]!));
    await assertAllIsFreed();
  });

  it("is left to the program before and after it", async () => {
    await login(await contextOn(await createFakeRuntime()));
    await assertAllIsFreed();
  });
});
