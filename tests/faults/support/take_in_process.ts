import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { type Program, startProgram } from "../../harness/program.ts";
import { argsFor, type ChildOptions, conclude, PROGRAM, readResult } from "./child.ts";
import type { ProcessFault } from "./fault_names.ts";
import type { Performed } from "./perform.ts";
import { type Play, sendTruly } from "./raw_answer.ts";
import type { Outcome } from "./rule.ts";
import type { Step } from "./steps.ts";
import type { World } from "./world.ts";

/** The deadline of requests where the process is suspended, and how late that comes then, in milliseconds. */
const DEADLINE_MS = 29_999;
const LATE_MS = 5_000;

/** Takes a step in a process that is killed or suspended while it waits for the response, then the next one. */
export async function takeInProcess(
  world: World,
  { command, path, after }: Step,
  { fault, env }: { fault: ProcessFault; env: ChildOptions["env"] },
): Promise<Outcome> {
  const isSuspended = fault === "suspended";
  const request = new HeldRequest({ takesEffect: fault === "killed, response lost" });
  const met = world.server.fail({ path: path!, after, fault: request.play });
  const args = argsFor(world, command, { requestTimeoutMs: DEADLINE_MS });
  const overFile = join(world.folder, "..", `${world.config.clientId}.over`);
  const deadlines = { [DEADLINE_MS]: { file: overFile, lateMs: LATE_MS } };
  const program = startProgram(PROGRAM, { args, env, deadlines });
  const early = program.ended.then(({ stdout, stderr }) => {
    throw new Error(`The program ended before it asked: ${stdout}${stderr}`);
  });
  early.catch(() => {}); // It ends in the end.
  await Promise.race([met.then(() => request.held), early]);
  const performed = await (isSuspended ? suspend(program, { request, overFile }) : kill(program));
  return await conclude(world, { command, performed, wasKilled: !isSuspended });
}

/** A request without a response until it is released. */
class HeldRequest {
  readonly #takesEffect: boolean;
  #letGo = () => {};
  #holds = () => {};
  #answers = () => {};
  readonly #free = new Promise<void>((resolve) => this.#letGo = resolve);
  /** Resolves when it has taken effect, if it should. */
  readonly held = new Promise<void>((resolve) => this.#holds = resolve);
  /** Resolves when the response has been sent. */
  readonly answered = new Promise<void>((resolve) => this.#answers = resolve);

  constructor({ takesEffect }: { takesEffect: boolean }) {
    this.#takesEffect = takesEffect;
  }

  readonly play: Play = async (socket, answer) => {
    if (this.#takesEffect) await answer();
    this.#holds();
    await this.#free;
    await sendTruly(socket, answer);
    this.#answers();
  };

  letGo(): void {
    this.#letGo();
  }
}

async function kill({ child, ended }: Program): Promise<Performed> {
  process.kill(child.pid!, "SIGKILL");
  const { signal } = await ended;
  if (signal !== "SIGKILL") throw new Error("The program had ended before it was killed");
  return { result: "killed", exitCode: 137 };
}

/** The response arrives while it cannot be read; by the time it can, the deadline has passed. */
async function suspend(
  { child, ended }: Program,
  { request, overFile }: { request: HeldRequest; overFile: string },
): Promise<Performed> {
  process.kill(child.pid!, "SIGSTOP");
  try {
    request.letGo();
    await request.answered;
    await writeFile(overFile, "");
  } finally {
    process.kill(child.pid!, "SIGCONT");
  }
  return readResult(await ended);
}
