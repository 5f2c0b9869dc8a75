import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { IS_THOROUGH } from "../harness/extent.ts";
import { canRunOn, type Program, type ProgramRuntime, QUICKEST_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { type SessionResult, type StoredSession, storeSession } from "./support/stored_session.ts";

/** All of them take the same steps. */
const RUNTIMES: ProgramRuntime[] = IS_THOROUGH ? ["deno", "node", "bun"] : [QUICKEST_RUNTIME];

/** What a process had done with the refresh token when it was killed, as the next one shows. */
type Progress = "not sent" | "sent" | "saved";

describe("A process that is killed before any step of a refresh, while another one waits,", () => {
  let session: StoredSession;

  beforeEach(async () => {
    session = await storeSession();
  });
  afterEach(() => session.close());

  /** Starts a process that refreshes, and when told to, refreshes once more up to the step with that number. */
  async function start(step: number): Promise<Program> {
    const runtime = RUNTIMES[step % RUNTIMES.length]!;
    const program = session.startProgram("refresh_in_steps", { args: [String(step)], runtime });
    await program.waitForOutput(/started/);
    return program;
  }

  async function firstResult(program: Program): Promise<SessionResult> {
    const [line] = await program.waitForOutput(/^\{.*\}$/m);
    return JSON.parse(line);
  }

  /** The fate of a session whose refresh token was sent this many times by a process that was then killed. */
  async function judge(
    { result, error, events }: SessionResult,
    { sent, sentAfter }: { sent: number; sentAfter: number },
  ): Promise<Progress> {
    assertEquals(error, undefined);
    if (result === null) {
      assertEquals([sent, sentAfter, events], [1, 1, ["session_ended:refresh_interrupted"]]);
      await session.signIn();
      return "sent";
    }
    assertEquals([typeof result, sent + sentAfter], ["string", 1]);
    assertEquals(events, sentAfter === 1 ? ["refreshed"] : []);
    return sent === 0 ? "not sent" : "saved";
  }

  itWith(
    canRunOn("node"),
    "costs the session only between the sending of the refresh token and the saving of the response",
    async () => {
      await session.expireIn(-1000);
      const steps: string[] = [];
      const progress: Progress[] = [];
      let killed: Program | undefined;
      for (let step = 1;; step++) {
        const sent = session.refreshes();
        const program = await start(step);
        killed?.child.kill("SIGKILL");
        const result = await firstResult(program);
        if (killed) progress.push(await judge(result, { sent, sentAfter: session.refreshes() - sent }));
        await session.expireIn(-1000);
        session.emulator.requests.length = 0;
        program.child.stdin!.write("go on\n");
        const [, stoppedBefore] = await program.waitForOutput(/stopped before: (.*)|\}\n\{.*\n/);
        if (stoppedBefore === undefined) {
          await program.ended;
          break;
        }
        steps.push(stoppedBefore);
        killed = program;
      }
      assertMatch(progress.join(", "), /^(not sent, )+(sent, )+saved(, saved)*$/);
      const lost = steps.filter((_, index) => progress[index] === "sent");
      assertEquals(lost, ["read the response", "make a folder", "create", "write the other half", "rename"]);
      assert(steps.indexOf("send") === progress.indexOf("sent") - 1, steps.join(", "));
    },
  );
});
