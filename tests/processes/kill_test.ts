import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { canRunOn, type Program, type ProgramRuntime } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { resultOf, type StoredSession, storeSession } from "./support/stored_session.ts";

/** How long rounds are begun, in milliseconds. */
const LIMIT_MS = 20_000;

/** How many rounds there must be for the test to mean something. */
const MIN_ROUNDS = 2;

const MIX: ProgramRuntime[] = ["deno", "node", "bun", "deno", "node", "bun"];

describe("Six processes of three runtimes, killed at random while the issuer answers slowly,", () => {
  let session: StoredSession;

  beforeEach(async () => {
    session = await storeSession();
  });
  afterEach(() => session.close());

  /** Starts six that refresh, and kills some of them at any time after their start. */
  async function killSome(): Promise<Program[]> {
    await session.expireIn(-1000);
    const { faults } = session.emulator;
    faults.add({ endpoint: "token", delayMs: random(400), times: 2 * MIX.length });
    const programs = MIX.map((runtime) => session.start("token", { runtime }));
    await Promise.all(programs.map((program) => random(2) === 0 ? program.ended : killSoon(program)));
    faults.clear();
    return programs;
  }

  /** The refresh tokens that were sent again: whoever sent them first has saved no answer. */
  function sentAgain(): string[] {
    const tokens = session.emulator.requests.map(({ form }) => form.refresh_token).filter((token) => token);
    return tokens.filter((token, index) => tokens.indexOf(token) !== index) as string[];
  }

  itWith(
    canRunOn("node"),
    "lose the session only where one was killed that had sent its refresh and not saved it",
    async () => {
      const deadline = Date.now() + LIMIT_MS;
      let rounds = 0;
      let kills = 0;
      for (; Date.now() < deadline; rounds++) {
        const programs = await killSome();
        const survivors = programs.filter(hasResult);
        kills += programs.length - survivors.length;
        const last = await session.run("renew", { runtime: "deno" });
        const results = [...await Promise.all(survivors.map(resultOf)), last];
        assertEquals(results.map(({ error }) => error).filter(Boolean), []);
        const ends = results.flatMap(({ events }) => events.filter((event) => event !== "refreshed"));
        if (typeof last.result === "string") {
          assertEquals([ends, sentAgain()], [[], []]);
          continue;
        }
        // Nobody tells it where that one was killed as well.
        assertEquals(ends.filter((event) => event !== "session_ended:refresh_interrupted"), []);
        assert(survivors.length < programs.length, "nobody was killed, and the session is lost");
        assert(sentAgain().length > 0, "the one that was killed had sent its refresh token");
        await session.close();
        session = await storeSession();
      }
      assert(rounds >= MIN_ROUNDS && kills > 0, `${rounds} rounds, ${kills} kills`);
    },
  );
});

/** Kills a process at any time between its start and its end. */
async function killSoon(program: Program): Promise<void> {
  await program.waitForOutput(/started/);
  await pause(random(800));
  program.child.kill("SIGKILL");
  await program.ended;
}

function hasResult(program: Program): boolean {
  return program.stdout().includes("{");
}

function random(max: number): number {
  return Math.floor(Math.random() * max);
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
