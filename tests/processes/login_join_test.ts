import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { IS_THOROUGH } from "../harness/extent.ts";
import { canRunOn, type Program, type ProgramRuntime, QUICKEST_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { resultOf, type SessionResult, type StoredSession, storeSession } from "./support/stored_session.ts";

/** The other tests have Bun do both. */
const PAIRS: readonly (readonly [ProgramRuntime, ProgramRuntime])[] = [
  ["deno", "node"],
  ...IS_THOROUGH ? [["node", "bun"], ["bun", "deno"]] as const : [],
];

/** The user signs in when the test says so. */
const PATIENT = { patient: true };

describe("login() while another process signs in", () => {
  let session: StoredSession;

  beforeEach(async () => {
    session = await storeSession({ isSignedIn: false });
  });
  afterEach(() => session.close());

  /** Starts a login and waits until its page is open. */
  async function openLogin(config = {}, runtime = QUICKEST_RUNTIME): Promise<Program> {
    const program = session.start("login", { runtime, config: { ...PATIENT, ...config } });
    await program.waitForOutput(/opened/);
    return program;
  }

  /** Starts logins that join, while this many are in progress, and waits until they wait. */
  async function join(
    count: number,
    { besides, runtime = QUICKEST_RUNTIME, config = {} }: JoinOptions,
  ): Promise<Program[]> {
    const helpers = Array.from({ length: count }, () => session.start("join", { runtime, config }));
    await session.loginsUnderWay(besides + count);
    return helpers;
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
        const login = await openLogin({}, first);
        const [helper] = await join(1, { besides: 1, runtime: second });
        signIn(login);
        const [own, adopted] = await outcomes(login, helper!);
        assertEquals(adopted!.result, own!.result);
        assertEquals(pages(helper!), 0);
        assertEquals(await session.storedToken(), own!.result);
      },
    );
  }

  itWith(canRunOn(QUICKEST_RUNTIME), "lets many join one", async () => {
    const login = await openLogin();
    const helpers = await join(3, { besides: 1 });
    signIn(login);
    const results = await outcomes(login, ...helpers);
    assertEquals([new Set(results.map(({ result }) => result)).size, pages(...helpers)], [1, 0]);
  });

  itWith(canRunOn(QUICKEST_RUNTIME), "opens one page when several start at once with join", async () => {
    const helpers = await join(3, { besides: 0, config: PATIENT });
    const opened = await Promise.any(helpers.map(async (helper) => {
      await helper.waitForOutput(/opened/);
      return helper;
    }));
    signIn(opened);
    const results = await outcomes(...helpers);
    assertEquals([new Set(results.map(({ result }) => result)).size, pages(...helpers)], [1, 1]);
  });

  itWith(
    canRunOn(QUICKEST_RUNTIME),
    "opens a page of its own with join where it needs more scopes",
    async () => {
      const login = await openLogin({ scopes: ["openid", "email", "offline_access"] });
      const [helper] = await join(1, { besides: 1 });
      signIn(login);
      const [own, other] = await outcomes(login, helper!);
      assertNotEquals(other!.result, own!.result);
      assertEquals(pages(helper!), 1);
    },
  );

  itWith(
    canRunOn(QUICKEST_RUNTIME),
    "opens a page of its own with join where the other one fails",
    async () => {
      const login = await openLogin({ decision: "deny" });
      const [helper] = await join(1, { besides: 1 });
      signIn(login);
      assertEquals((await resultOf(login)).error, "access_denied");
      const [own] = await outcomes(helper!);
      assertEquals([typeof own!.result, pages(helper!)], ["string", 1]);
    },
  );

  itWith(
    canRunOn(QUICKEST_RUNTIME),
    "opens a page of its own with join where the other one is killed",
    async () => {
      const login = await openLogin();
      const [helper] = await join(1, { besides: 1 });
      login.child.kill("SIGKILL");
      const [own] = await outcomes(helper!);
      assertEquals([typeof own!.result, pages(helper!)], ["string", 1]);
    },
  );

  itWith(canRunOn(QUICKEST_RUNTIME), "opens a page at once where it was asked for explicitly", async () => {
    const login = await openLogin();
    const explicit = session.start("login", { runtime: QUICKEST_RUNTIME });
    const [other] = await outcomes(explicit);
    assert(!login.stdout().includes("result"), "it did not wait for the first");
    signIn(login);
    const [own] = await outcomes(login);
    assertNotEquals(own!.result, other!.result);
    assertEquals(pages(explicit), 1);
  });

  itWith(canRunOn(QUICKEST_RUNTIME), "keeps nobody from refreshing", async () => {
    await session.signIn();
    const login = await openLogin();
    const { result } = await session.run("renew", { runtime: QUICKEST_RUNTIME });
    assertEquals(typeof result, "string");
    assert(!login.stdout().includes("result"), "the login was still under way");
    signIn(login);
    await outcomes(login);
  });
});

interface JoinOptions {
  /** How many logins are in progress. */
  besides: number;
  runtime?: ProgramRuntime;
  config?: Record<string, unknown>;
}

/** Lets the user sign in at the page of a login. */
function signIn({ child }: Program): void {
  child.stdin!.end();
}
