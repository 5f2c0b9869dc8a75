import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { canRunOn, type Program, type ProgramRuntime } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { resultOf, type StoredSession, storeSession } from "./support/stored_session.ts";

const RUNTIMES: ProgramRuntime[] = ["deno", "node", "bun"];

/** All that there is, some of each. */
const MIX: ProgramRuntime[] = Array.from({ length: 21 }, (_, index) => RUNTIMES[index % RUNTIMES.length]!);

describe("getAccessToken() in many processes", () => {
  let session: StoredSession;

  beforeEach(async () => {
    session = await storeSession();
  });

  afterEach(() => session.close());

  async function race(): Promise<void> {
    const results = await Promise.all(MIX.map((runtime) => session.run("token", { runtime })));
    assertEquals(results.map(({ error }) => error).filter(Boolean), []);
    assertEquals(new Set(results.map(({ result }) => result)).size, 1);
    assertEquals(typeof results[0]!.result, "string");
    assertEquals(session.refreshes(), 1);
    const { result } = await session.run("renew", { runtime: "deno" });
    assert(typeof result === "string" && result !== results[0]!.result, "the session is alive");
  }

  itWith(canRunOn("node"), "refreshes once when 21 of three runtimes find the token expired", async () => {
    await session.expireIn(-1000);
    await race();
  });

  itWith(canRunOn("node"), "refreshes once when 21 of three runtimes wait for a slow issuer", async () => {
    await session.expireIn(-1000);
    session.emulator.faults.add({ endpoint: "token", delayMs: 2000 });
    await race();
  });
});

describe("A process that holds the lock", () => {
  let session: StoredSession;

  beforeEach(async () => {
    session = await storeSession();
  });

  afterEach(() => session.close());

  /** Resolves when the issuer has been asked for a refresh. */
  async function refreshSent(count = 1): Promise<void> {
    while (session.refreshes() < count) await pause(5);
  }

  for (const runtime of RUNTIMES) {
    itWith(
      canRunOn(runtime),
      `on ${runtime}, saves a refresh that Ctrl-C has interrupted, then ends by it`,
      async () => {
        await session.expireIn(-1000);
        session.emulator.faults.add({ endpoint: "token", delayMs: 700 });
        const program = session.start("token", { runtime });
        await refreshSent();
        signalTo(program, "SIGINT");
        const { code, signal } = await program.ended;
        assert(signal === "SIGINT" || code === 130, `it ended with ${signal ?? code}`);
        const { result, events } = await session.run("token", { runtime });
        assertEquals(typeof result, "string");
        assertEquals(events, []);
        assertEquals(session.refreshes(), 1);
      },
    );

    itWith(
      canRunOn(runtime),
      `on ${runtime}, is waited for when it is suspended, and never overtaken`,
      async () => {
        await session.expireIn(20_000);
        session.emulator.faults.add({ endpoint: "token", delayMs: 300 });
        const program = session.start("token", { runtime });
        await refreshSent();
        signalTo(program, "SIGSTOP");
        try {
          const config = { requestTimeoutMs: 800 };
          const valid = await session.run("token", { runtime: "deno", config });
          assertEquals(typeof valid.result, "string");
          assertEquals(valid.events, ["refresh_failed"]);
          const forced = await session.run("renew", { runtime: "deno", config });
          assertEquals([forced.error, forced.retryable], ["timeout", true]);
          assertEquals(session.refreshes(), 1);
        } finally {
          signalTo(program, "SIGCONT");
        }
        const { result } = await resultOf(program);
        assertEquals((await session.run("token", { runtime: "deno" })).result, result);
        assertEquals(session.refreshes(), 1);
      },
    );
  }

  it("costs no session when it is killed before the refresh is sent", async () => {
    for (let round = 0; round < 5; round++) {
      const before = session.refreshes();
      await session.expireIn(-1000);
      const program = session.start("token");
      await program.waitForOutput(/started/);
      signalTo(program, "SIGKILL");
      await program.ended;
      if (session.refreshes() > before) continue; // It was faster than the signal.
      assertEquals(typeof (await session.run("token")).result, "string");
    }
  });

  it("leaves a mark when it is killed after the refresh was sent: the token is used while it lasts", async () => {
    await session.expireIn(20_000);
    session.emulator.faults.add({ endpoint: "token", delayMs: 60_000, takesEffect: true });
    const program = session.start("token");
    await refreshSent();
    signalTo(program, "SIGKILL");
    await program.ended;
    const { result, events } = await session.run("token");
    assertEquals([typeof result, events], ["string", []]);
    assertEquals(session.refreshes(), 1);
    await session.expireIn(-1000);
    const ended = await session.run("token");
    assertEquals(ended.result, null);
    assertEquals(ended.events, ["session_ended:refresh_interrupted"]);
    assertEquals((await session.run("token")).result, null);
  });

  it("keeps its session when it is killed after the refresh was sent and the issuer never saw it", async () => {
    await session.expireIn(-1000);
    session.emulator.faults.add({ endpoint: "token", delayMs: 60_000, status: 503 });
    const program = session.start("token");
    await refreshSent();
    signalTo(program, "SIGKILL");
    await program.ended;
    assertEquals(typeof (await session.run("token")).result, "string");
  });

  it("cannot bring back a session that was logged out while it was suspended", async () => {
    await session.expireIn(-1000);
    session.emulator.faults.add({ endpoint: "token", delayMs: 300 });
    const program = session.start("token");
    await refreshSent();
    signalTo(program, "SIGSTOP");
    try {
      assertEquals((await session.run("logout")).result, true);
    } finally {
      signalTo(program, "SIGCONT");
    }
    assertEquals((await resultOf(program)).result, null);
    assertEquals((await session.run("token")).result, null);
  });
});

/** Also a second signal, which `ChildProcess.kill()` of Deno does not send. */
function signalTo({ child }: Program, signal: "SIGINT" | "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
  process.kill(child.pid!, signal);
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
