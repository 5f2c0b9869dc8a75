import { spawn } from "node:child_process";
import { createServer } from "node:net";
import process from "node:process";
import { ended } from "./ended.ts";

/** An example of `examples/deploy` that runs. */
export interface Deployment {
  origin: string;
  stop(): Promise<void>;
}

/** How an example is started. */
export interface StartOptions {
  /** The command; PORT in it stands for the port. */
  command: [string, ...string[]];
  cwd?: string;
  env: Record<string, string>;
  /** What it answers once it serves. @default 200 at `/health` */
  ready?: { path: string; status: number };
}

const STARTING_MS = 30_000;

/** Starts an example, and waits until it says that it is well. */
export async function startDeployment(
  { command, cwd, env, ready = { path: "/health", status: 200 } }: StartOptions,
): Promise<Deployment> {
  const port = await freePort();
  const [program, ...args] = command.map((part) => part.replace("PORT", String(port))) as [
    string,
    ...string[],
  ];
  const child = spawn(program, args, {
    env: { ...inherited(), PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const end = ended(child);
  const origin = `http://127.0.0.1:${port}`;
  await Promise.race([
    untilAnswers(`${origin}${ready.path}`, ready.status),
    end.then(({ code, text }) =>
      Promise.reject(new Error(`'${command.join(" ")}' ended (${code}): ${text}`))
    ),
  ]);
  return {
    origin,
    async stop() {
      child.kill();
      await end;
    },
  };
}

/** What a runtime needs to be found, and to find what it has downloaded or will. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "JSR_URL"];
  return Object.fromEntries(names.flatMap((name) => process.env[name] ? [[name, process.env[name]]] : []));
}

async function untilAnswers(url: string, expected: number): Promise<void> {
  const deadline = Date.now() + STARTING_MS;
  while (Date.now() < deadline) {
    const status = await fetch(url).then(({ status }) => status, () => undefined);
    if (status === expected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nothing answered ${expected} at ${url}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
