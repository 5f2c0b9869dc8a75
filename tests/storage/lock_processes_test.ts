import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import {
  canRunOn,
  OWN_RUNTIME,
  type Program,
  type ProgramRuntime,
  startProgram,
} from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const RUNTIMES: ProgramRuntime[] = ["deno", "node", "bun"];
/** What brings Node brings Bun as well. */
const ALL_RUNTIMES = canRunOn("node");
const COUNTERS_EACH = 7;
const TIMES = 5;
const KILLS = 6;

let folder: TemporaryFolder;
let path: string;
let programs: Program[];

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  path = join(folder.path, "credentials.json");
  programs = [];
});
afterEach(async () => {
  for (const program of programs) send("SIGKILL", program);
  await folder.remove();
});

function start(name: string, runtime: ProgramRuntime, args: string[] = []): Program {
  const program = startProgram(name, { runtime, args: [path, ...args] });
  programs.push(program);
  return program;
}

/** Deno's `child.kill` sends one signal only. */
function send(
  signal: "SIGKILL" | "SIGSTOP" | "SIGCONT",
  { child: { pid, exitCode, signalCode } }: Program,
): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(pid, signal);
}

/** Waits until a program holds the lock; gives when that was, in Unix milliseconds. */
async function holding(program: Program): Promise<number> {
  return Number((await program.waitForOutput(/held (\S+)/))[1]);
}

/** The next to hold the lock, of programs that wait; long enough after their start for all to wait. */
async function startWaiting(runtime: ProgramRuntime): Promise<Program> {
  const program = start("lock_holder", runtime);
  await pause(1_000);
  return program;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

describe("the lock between processes", () => {
  for (const [index, runtime] of RUNTIMES.entries()) {
    const other = RUNTIMES[(index + 1) % RUNTIMES.length] ?? runtime;
    itWith(ALL_RUNTIMES, `goes on at once when its holder on ${runtime} is killed`, async () => {
      const holder = start("lock_holder", runtime);
      await holding(holder);
      const next = await startWaiting(other);
      const killedAt = performance.timeOrigin + performance.now();
      send("SIGKILL", holder);
      const tookMs = await holding(next) - killedAt;
      assert(tookMs < 500, `${other} held it ${tookMs} ms later`);
    });

    itWith(canRunOn(runtime), `keeps no process on ${runtime} from ending`, async () => {
      const holder = start("lock_holder", runtime);
      const waiting = await startWaiting(runtime);
      holder.child.stdin?.end();
      await holding(waiting);
      waiting.child.stdin?.end();
      const ends = await Promise.all([holder.ended, waiting.ended]);
      assertEquals(ends.map(({ code, stdout }) => [code, stdout.includes("released")]), [[0, true], [
        0,
        true,
      ]]);
    });
  }

  itWith(canRunOn(OWN_RUNTIME), "waits for a holder that is suspended, and never overtakes it", async () => {
    const holder = start("lock_holder", OWN_RUNTIME);
    await holding(holder);
    send("SIGSTOP", holder);
    const impatient = start("lock_holder", OWN_RUNTIME, ["--timeout", "2500"]);
    await impatient.waitForOutput(/gave up/);
    const patient = await startWaiting(OWN_RUNTIME);
    assertEquals(patient.stdout(), "");
    send("SIGCONT", holder);
    holder.child.stdin?.end();
    await holder.waitForOutput(/released/);
    await holding(patient);
  });

  itWith(
    canRunOn("deno"),
    "needs of Deno the folder and the loopback interface only, and asks nothing",
    async () => {
      const permissions = [
        "--allow-net=127.0.0.1",
        `--allow-read=${folder.path}`,
        `--allow-write=${folder.path}`,
      ];
      const program = startProgram("lock_holder", { runtime: "deno", args: [path], permissions });
      programs.push(program);
      program.child.stdin?.end();
      const { code, stdout, stderr } = await program.ended;
      assertEquals([code, stdout.replace(/ \S+/, ""), stderr], [0, "held\nreleased\n", ""]);
    },
  );

  itWith(
    ALL_RUNTIMES,
    "has never two holders among 21 processes on all runtimes, some of which are killed, and loses no update",
    async () => {
      await writeFile(path, "0");
      const begin = (runtime: ProgramRuntime) => start("lock_counter", runtime, [`${TIMES}`]);
      const first = RUNTIMES.flatMap((runtime) =>
        Array.from({ length: COUNTERS_EACH }, () => begin(runtime))
      );
      const killed = first.filter((_, index) => index % 3 === 0).slice(0, KILLS);
      for (const program of killed) {
        await program.waitForOutput(/\+/);
        await pause(Math.random() * 20);
        send("SIGKILL", program);
      }
      const ends = await Promise.all(first.map(({ ended }) => ended));

      assertEquals(existsSync(`${path}.violations`), false);
      const failures = ends.filter(({ code, signal }) => code !== 0 && signal !== "SIGKILL");
      assertEquals(failures, []);
      // A killed process may have written its number and not said so any more.
      const said = ends.reduce((sum, { stdout }) => sum + stdout.length, 0);
      const count = Number(await readFile(path, "utf8"));
      assert(count >= said && count <= said + killed.length, `${said} additions were said, ${count} counted`);
    },
  );
});
