import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { cliAuth, handle, type HandleOptions } from "@clerk/cli-auth/server";
import { UnavailableError } from "../doors/server.ts";
import type { FakeClock } from "../harness/fake_clock.ts";
import { installSystemClock } from "./support/clock.ts";
import { requestWith } from "./support/request_with.ts";
import { createFailingClient, createSoloClient } from "./support/solo_client.ts";

describe("reports to onError", () => {
  let clock: FakeClock;
  let said: unknown[][];
  const { error: writeError } = console;
  beforeEach(() => {
    clock = installSystemClock();
    said = [];
    console.error = (...words) => said.push(words);
  });
  afterEach(() => {
    clock.uninstall();
    console.error = writeError;
  });

  it("count refused tokens once a minute, without stacks", async () => {
    const auth = cliAuth({ client: createSoloClient(), clientIds: "any" });
    const route = handle({ auth, source: () => "203.0.113.9" });
    let count = 0;
    const send = async (times: number) => {
      for (const end = count + times; count < end; count++) await route(requestWith(`ak_junk_${count}`));
    };
    await send(2_000);
    await clock.advance(60_000);
    await send(2_000);
    assertEquals(said.length, 2);
    assertEquals(said.map(([, , times]) => times), [undefined, "(1984 times)"]);
    for (const [, error] of said) {
      assertEquals((error as Error).stack, "ClerkCliAuthError: Too many unknown tokens were rejected lately");
    }
  });

  /** Asks some times while Clerk fails, and gives what was reported. */
  async function ask(
    fail: (time: number) => never,
    times: number,
  ): Promise<[error: unknown, count: number][]> {
    const reported: [unknown, number][] = [];
    const onError: HandleOptions["onError"] = (error, { count }) => void reported.push([error, count]);
    let time = 0;
    const auth = cliAuth({ client: createFailingClient(() => fail(time++)), clientIds: "any" });
    const route = handle({ auth, onError });
    for (let count = 0; count < times; count++) {
      await route(requestWith(`ak_junk_${count}`));
      await clock.advance(20_000);
    }
    return reported;
  }

  it("contain a repeated failure once a minute, with its count", async () => {
    const reported = await ask(() => {
      throw new UnavailableError("Clerk responded with status 503");
    }, 7);
    assertEquals(reported.map(([error, count]) => [(error as Error).message, count]), [
      ["Clerk responded with status 503", 1],
      ["Clerk responded with status 503", 3],
      ["Clerk responded with status 503", 3],
    ]);
  });

  it("contain every other kind of failure", async () => {
    const reported = await ask((time) => {
      throw new UnavailableError(`Clerk responded with status ${500 + time}`);
    }, 4);
    assertEquals(reported.map(([, count]) => count), [1, 1, 1, 1]);
  });

  it("contain every error of the caller's own steps", async () => {
    const reported: unknown[] = [];
    const fail = () => Promise.reject(new Error("out of order"));
    const auth = cliAuth({ client: createSoloClient(), clientIds: "any" });
    const route = handle({ auth, verifyToken: fail, onError: (error) => void reported.push(error) });
    for (let count = 0; count < 3; count++) assertEquals((await route(requestWith("ak_1"))).status, 500);
    assertEquals(reported.length, 3);
  });

  it("start again if there are many kinds", async () => {
    const reported: unknown[] = [];
    const auth = cliAuth({ client: createSoloClient(), clientIds: "any" });
    const route = handle({
      auth,
      verifyToken: ({ token }) => {
        throw new UnavailableError(token);
      },
      onError: (error) => void reported.push(error),
    });
    for (let count = 0; count < 202; count++) await route(requestWith(`ak_${count % 101}`));
    assertEquals(reported.length, 202);
  });

  it("start again when the clock is set back", async () => {
    const reported: unknown[] = [];
    const { now } = Date;
    const auth = cliAuth({ client: createSoloClient(), clientIds: "any" });
    const route = handle({
      auth,
      verifyToken: () => {
        throw new UnavailableError("down");
      },
      onError: (error) => void reported.push(error),
    });
    await route(requestWith("ak_1"));
    try {
      Date.now = () => now() - 3_600_000;
      await route(requestWith("ak_1"));
    } finally {
      Date.now = now;
    }
    assertEquals(reported.length, 2);
  });
});
