import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { canRunOn, type Program, type ProgramRuntime } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { resultOf, type SessionResult, type StoredSession, storeSession } from "./support/stored_session.ts";

/** Long enough for the slowest runtime to start, and to see that somebody signs in. */
const SLOW = { browserDelayMs: 3000 };

const PAIRS: [ProgramRuntime, ProgramRuntime][] = [["deno", "node"], ["node", "bun"], ["bun", "deno"]];

describe("login() while another process signs in", () => {
  let session: StoredSession;

  beforeEach(async () => {
    session = await storeSession();
    await session.run("logout");
    session.emulator.requests.length = 0;
  });
  afterEach(() => session.close());

  /** Starts a login and waits until its page is open. */
  async function startSlowLogin(runtime: ProgramRuntime, config = {}): Promise<Program> {
    const program = session.start("login", { runtime, config: { ...SLOW, ...config } });
    await program.waitForOutput(/opened/);
    return program;
  }

  function pages(...programs: Program[]): number {
    return programs.filter((program) => program.stdout().includes("opened")).length;
  }

  async function outcomes(...programs: Program[]): Promise<SessionResult[]> {
    const results = await Promise.all(programs.map(resultOf));
    assertEquals(results.map(({ error }) => error).filter(Boolean), []);
    return results;
  }

  for (const [first, second] of PAIRS) {
    itWith(
      canRunOn("node"),
      `adopts its result with join, opening no page: ${second} after ${first}`,
      async () => {
        const login = await startSlowLogin(first);
        const helper = session.start("join", { runtime: second });
        const [own, adopted] = await outcomes(login, helper);
        assertEquals(adopted!.result, own!.result);
        assertEquals(pages(helper), 0);
        assertEquals((await session.run("token")).result, own!.result);
      },
    );
  }

  itWith(canRunOn("deno"), "lets many join one", async () => {
    const login = await startSlowLogin("deno");
    const helpers = Array.from({ length: 4 }, () => session.start("join"));
    const results = await outcomes(login, ...helpers);
    assertEquals([new Set(results.map(({ result }) => result)).size, pages(...helpers)], [1, 0]);
  });

  itWith(canRunOn("deno"), "opens one page when several start at once with join", async () => {
    const helpers = Array.from({ length: 4 }, () => session.start("join", { config: SLOW }));
    const results = await outcomes(...helpers);
    assertEquals([new Set(results.map(({ result }) => result)).size, pages(...helpers)], [1, 1]);
  });

  itWith(canRunOn("deno"), "opens a page of its own with join where it needs more scopes", async () => {
    const login = await startSlowLogin("deno", { scopes: ["openid", "email", "offline_access"] });
    const helper = session.start("join");
    const [own, other] = await outcomes(login, helper);
    assertNotEquals(other!.result, own!.result);
    assertEquals(pages(helper), 1);
  });

  itWith(canRunOn("deno"), "opens a page of its own with join where the other one fails", async () => {
    const login = await startSlowLogin("deno", { loginTimeoutMs: 1500 });
    const helper = session.start("join");
    assertEquals((await resultOf(login)).error, "timeout");
    const [own] = await outcomes(helper);
    assertEquals([typeof own!.result, pages(helper)], ["string", 1]);
  });

  itWith(canRunOn("deno"), "opens a page of its own with join where the other one is killed", async () => {
    const login = await startSlowLogin("deno", { browserDelayMs: 60_000 });
    const helper = session.start("join");
    await helper.waitForOutput(/started/);
    login.child.kill("SIGKILL");
    const [own] = await outcomes(helper);
    assertEquals([typeof own!.result, pages(helper)], ["string", 1]);
  });

  itWith(canRunOn("deno"), "opens a page at once where it was asked for explicitly", async () => {
    const login = await startSlowLogin("deno", { browserDelayMs: 6000 });
    const explicit = session.start("login");
    const [other] = await outcomes(explicit);
    assert(!login.stdout().includes("result"), "it did not wait for the first");
    const [own] = await outcomes(login);
    assertNotEquals(own!.result, other!.result);
    assertEquals(pages(explicit), 1);
  });

  itWith(canRunOn("deno"), "keeps nobody from refreshing", async () => {
    await session.run("login");
    const login = await startSlowLogin("deno", { browserDelayMs: 6000 });
    const { result } = await session.run("renew");
    assertEquals(typeof result, "string");
    assert(!login.stdout().includes("result"), "the login was still under way");
    await outcomes(login);
  });
});
