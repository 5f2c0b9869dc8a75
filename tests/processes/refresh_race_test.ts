import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { IS_THOROUGH } from "../harness/extent.ts";
import { canRunOn, type Program, type ProgramRuntime, QUICKEST_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { resultOf, type SessionResult, type StoredSession, storeSession } from "./support/stored_session.ts";

const RUNTIMES: ProgramRuntime[] = ["deno", "node", "bun"];

/** How long a refresh waits for the lock, and a logout. */
const LOCK_TIMEOUT_MS = 30_000;
const LOGOUT_LOCK_TIMEOUT_MS = 10_000;

/** Some of each. */
const MIX: ProgramRuntime[] = IS_THOROUGH ? [...RUNTIMES, ...RUNTIMES] : RUNTIMES;

/** Suspension works the same for all of them. */
const SUSPENDED: ProgramRuntime[] = IS_THOROUGH ? RUNTIMES : [QUICKEST_RUNTIME];

describe("getAccessToken() in many processes", () => {
  let session: StoredSession;

  beforeEach(async () => {
    session = await storeSession();
    await session.expireIn(-1000);
  });

  afterEach(() => session.close());

  async function assertOneRefresh(programs: Promise<SessionResult>[]): Promise<void> {
    const results = await Promise.all(programs);
    assertEquals(results.map(({ error }) => error).filter(Boolean), []);
    assertEquals(new Set(results.map(({ result }) => result)).size, 1);
    assertEquals(typeof results[0]!.result, "string");
    assertEquals(session.refreshes(), 1);
    const { result } = await session.run("renew", { runtime: QUICKEST_RUNTIME });
    assert(typeof result === "string" && result !== results[0]!.result, "the session is alive");
  }

  itWith(
    canRunOn("node"),
    "refreshes once when several of three runtimes find the token expired",
    async () => {
      await assertOneRefresh(MIX.map((runtime) => session.run("token", { runtime })));
    },
  );

  itWith(canRunOn("node"), "refreshes once when several of three runtimes wait for another", async () => {
    const answer = session.holdRefresh();
    const programs = MIX.map((runtime) => session.run("token", { runtime }));
    await session.refreshesUnderWay(MIX.length);
    await session.refreshSent();
    await answer();
    await assertOneRefresh(programs);
  });
});

describe("A process that holds the lock", () => {
  let session: StoredSession;

  beforeEach(async () => {
    session = await storeSession();
  });

  afterEach(() => session.close());

  for (const runtime of RUNTIMES) {
    itWith(
      canRunOn(runtime),
      `on ${runtime}, saves a refresh that Ctrl-C has interrupted, then ends by it`,
      async () => {
        await session.expireIn(-1000);
        const answer = session.holdRefresh();
        const program = session.start("token", { runtime });
        await session.refreshSent();
        signalTo(program, "SIGINT");
        await answer();
        const { code, signal } = await program.ended;
        assert(signal === "SIGINT" || code === 130, `it ended with ${signal ?? code}`);
        const { result, events } = await session.run("token", { runtime });
        assertEquals(typeof result, "string");
        assertEquals(events, []);
        assertEquals(session.refreshes(), 1);
      },
    );
  }

  for (const runtime of SUSPENDED) {
    itWith(
      canRunOn(runtime),
      `on ${runtime}, is waited for when it is suspended, and never overtaken`,
      async () => {
        await session.expireIn(20_000);
        const answer = session.holdRefresh();
        const program = session.start("token", { runtime });
        await session.refreshSent();
        signalTo(program, "SIGSTOP");
        await answer();
        try {
          const options = { runtime: QUICKEST_RUNTIME, impatientFor: LOCK_TIMEOUT_MS };
          const valid = await session.run("token", options);
          assertEquals(typeof valid.result, "string");
          assertEquals(valid.events, ["refresh_failed"]);
          const forced = await session.run("renew", options);
          assertEquals([forced.error, forced.retryable], ["timeout", true]);
          assertEquals(session.refreshes(), 1);
        } finally {
          signalTo(program, "SIGCONT");
        }
        const { result } = await resultOf(program);
        assertEquals((await session.run("token", { runtime: QUICKEST_RUNTIME })).result, result);
        assertEquals(session.refreshes(), 1);
      },
    );
  }

  itWith(
    canRunOn(QUICKEST_RUNTIME),
    "leaves a mark when it is killed after the refresh was sent: the token is used while it lasts",
    async () => {
      await session.expireIn(20_000);
      session.emulator.faults.add({ endpoint: "token", cut: "headers", takesEffect: true });
      const program = session.start("token", { runtime: QUICKEST_RUNTIME });
      await session.refreshSent();
      signalTo(program, "SIGKILL");
      await program.ended;
      const { result, events } = await session.run("token", { runtime: QUICKEST_RUNTIME });
      assertEquals([typeof result, events], ["string", []]);
      assertEquals(session.refreshes(), 1);
      await session.expireIn(-1000);
      const ended = await session.run("token", { runtime: QUICKEST_RUNTIME });
      assertEquals(ended.result, null);
      assertEquals(ended.events, ["session_ended:refresh_interrupted"]);
      assertEquals((await session.run("token", { runtime: QUICKEST_RUNTIME })).result, null);
    },
  );

  itWith(
    canRunOn(QUICKEST_RUNTIME),
    "keeps its session when it is killed after the refresh was sent and the issuer never saw it",
    async () => {
      await session.expireIn(-1000);
      session.emulator.faults.add({ endpoint: "token", cut: "headers" });
      const program = session.start("token", { runtime: QUICKEST_RUNTIME });
      await session.refreshSent();
      signalTo(program, "SIGKILL");
      await program.ended;
      assertEquals(typeof (await session.run("token", { runtime: QUICKEST_RUNTIME })).result, "string");
    },
  );

  itWith(
    canRunOn(QUICKEST_RUNTIME),
    "cannot bring back a session that was logged out while it was suspended",
    async () => {
      const runtime = QUICKEST_RUNTIME;
      await session.expireIn(-1000);
      const answer = session.holdRefresh();
      const program = session.start("token", { runtime });
      await session.refreshSent();
      signalTo(program, "SIGSTOP");
      await answer();
      try {
        const impatientFor = LOGOUT_LOCK_TIMEOUT_MS;
        assertEquals((await session.run("logout", { runtime, impatientFor })).result, true);
      } finally {
        signalTo(program, "SIGCONT");
      }
      assertEquals((await resultOf(program)).result, null);
      assertEquals((await session.run("token", { runtime })).result, null);
    },
  );
});

/** Also a second signal, which `ChildProcess.kill()` of Deno does not send. */
function signalTo({ child }: Program, signal: "SIGINT" | "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
  process.kill(child.pid!, signal);
}
