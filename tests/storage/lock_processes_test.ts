import { assert, assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { watch } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { IS_THOROUGH } from "../harness/extent.ts";
import {
  canRunOn,
  type Program,
  type ProgramOptions,
  type ProgramRuntime,
  QUICKEST_RUNTIME,
  startProgram,
} from "../harness/program.ts";
import { forbidFiles, OPEN_FILE_LIMIT, permitFiles } from "../harness/open_files.ts";
import { allOf, itWith, unlessWindows } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const RUNTIMES: ProgramRuntime[] = ["deno", "node", "bun"];
/** A run with Node has Bun as well. */
const ALL_RUNTIMES = canRunOn("node");
const SUSPENSION = allOf(canRunOn(QUICKEST_RUNTIME), unlessWindows("signal that suspends a process"));
const COUNTERS_EACH = IS_THOROUGH ? 4 : 2;
const TIMES = 6;
const KILLS = 3;
/** How often a holder shows that it is alive, and how often others look. */
const [BEAT_MS, LOOK_MS] = [1_000, 250];

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
  await Promise.all(programs.map(({ ended }) => ended));
  await folder.remove();
});

function start(name: string, { args = [], ...options }: ProgramOptions): Program {
  const program = startProgram(name, { ...options, args: [path, ...args] });
  programs.push(program);
  return program;
}

/** Deno's `child.kill` sends only one signal. */
function send(
  signal: "SIGKILL" | "SIGSTOP" | "SIGCONT",
  { child: { pid, exitCode, signalCode } }: Program,
): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(pid, signal);
}

async function startHolder(runtime: ProgramRuntime, args: string[] = []): Promise<Program> {
  const program = start("lock_holder", { runtime, args });
  await program.waitForOutput(/held/);
  return program;
}

/** Starts a program that waits for the holder. */
async function startWaiting(runtime: ProgramRuntime, args: string[] = []): Promise<Program> {
  const program = start("lock_holder", { runtime, args });
  await program.waitForOutput(/waits/);
  return program;
}

/** Has a holder on a held clock show that it is alive. */
async function beat({ child }: Program): Promise<void> {
  await new Promise<void>((resolve) => {
    const watcher = watch(`${path}.lock`, (event, name) => {
      if (event !== "change" || !name?.endsWith(".live")) return;
      watcher.close();
      resolve();
    });
    child.stdin?.write(`pass ${BEAT_MS}\n`);
  });
}

/** Lets the time between two beats pass in a program on a held clock, look by look. */
async function waitForBeat({ child, stdout, waitForOutput }: Program): Promise<void> {
  for (let passedMs = 0; passedMs < BEAT_MS; passedMs += LOOK_MS) {
    const looks = stdout().match(/passed/g)?.length ?? 0;
    child.stdin?.write(`pass ${LOOK_MS}\n`);
    await waitForOutput(new RegExp(`passed ${looks + 1} times`));
  }
}

/** The lines of a file; none if it does not exist. */
async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
}

describe("the lock between processes", () => {
  for (const [index, runtime] of RUNTIMES.entries()) {
    const other = RUNTIMES[(index + 1) % RUNTIMES.length] ?? runtime;
    itWith(ALL_RUNTIMES, `passes on when its holder on ${runtime} is killed`, async () => {
      const holder = await startHolder(runtime);
      const next = await startWaiting(other);
      send("SIGKILL", holder);
      await next.waitForOutput(/held/);
    });

    itWith(canRunOn(runtime), `keeps no process on ${runtime} alive`, async () => {
      const holder = await startHolder(runtime);
      const waiting = await startWaiting(runtime);
      holder.child.stdin?.end();
      await waiting.waitForOutput(/held/);
      waiting.child.stdin?.end();
      const ends = await Promise.all([holder.ended, waiting.ended]);
      assertEquals(ends.map(({ code, stdout }) => [code, stdout.includes("released")]), [[0, true], [
        0,
        true,
      ]]);
    });
  }

  for (const runtime of RUNTIMES) {
    itWith(
      allOf(canRunOn(runtime), OPEN_FILE_LIMIT),
      `waits for a holder on ${runtime} that cannot open files, and never overtakes it`,
      async () => {
        const holder = await startHolder(runtime, ["--held-clock"]);
        forbidFiles(holder.child.pid!);
        const waiting = await startWaiting(QUICKEST_RUNTIME, ["--held-clock"]);
        // Meanwhile Node may close the connection, or leave it in the queue: then it is asked again, or waited for.
        for (let beats = 0; beats < 6; beats++) {
          await beat(holder);
          await waitForBeat(waiting);
        }
        assertFalse(waiting.stdout().includes("held"));
        permitFiles(holder.child.pid!);
        holder.child.stdin?.end();
        await holder.waitForOutput(/released/);
        await waiting.waitForOutput(/held/);
      },
    );
  }

  itWith(SUSPENSION, "waits for a suspended holder, and never overtakes it", async () => {
    const holder = await startHolder(QUICKEST_RUNTIME);
    send("SIGSTOP", holder);
    const impatient = await startWaiting(QUICKEST_RUNTIME);
    const patient = await startWaiting(QUICKEST_RUNTIME);
    impatient.child.stdin?.write("give up\n");
    await impatient.waitForOutput(/gave up/);
    assertEquals(patient.stdout(), "waits\n");
    send("SIGCONT", holder);
    holder.child.stdin?.end();
    await holder.waitForOutput(/released/);
    await patient.waitForOutput(/held/);
  });

  itWith(
    canRunOn("deno"),
    "needs only the directory and the loopback interface on Deno, and never prompts",
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
      assertEquals([code, stdout, stderr], [0, "held\nreleased\n", ""]);
    },
  );

  itWith(
    ALL_RUNTIMES,
    "never has two holders among many processes on all runtimes, some of them killed, and loses no update",
    async () => {
      await writeFile(path, "0");
      const begin = (runtime: ProgramRuntime) => start("lock_counter", { runtime, args: [`${TIMES}`] });
      const first = RUNTIMES.flatMap((runtime) =>
        Array.from({ length: COUNTERS_EACH }, () => begin(runtime))
      );
      const killed = first.filter((_, index) => index % 3 === 0).slice(0, KILLS);
      for (const program of killed) {
        // Its kill meets whatever it does by then.
        await program.waitForOutput(/\+/);
        send("SIGKILL", program);
      }
      const ends = await Promise.all(first.map(({ ended }) => ended));

      const left = await linesOf(`${path}.left`);
      const living = first.filter((program) => !killed.includes(program)).map(({ child }) => `${child.pid}`);
      assertEquals([left.filter((pid) => living.includes(pid)), await linesOf(`${path}.overtaken`)], [
        [],
        [],
      ]);
      const failures = ends.filter(({ code }, index) => code !== 0 && !killed.includes(first[index]!));
      assertEquals(failures, []);
      // A killed process may have written its number without saying so.
      const said = ends.reduce((sum, { stdout }) => sum + stdout.length, 0);
      const count = Number(await readFile(path, "utf8"));
      assert(count >= said && count <= said + killed.length, `${said} additions were said, ${count} counted`);
    },
  );
});
