import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { ended } from "./ended.ts";

/** An example of `examples/deploy` that runs. */
export interface Deployment {
  origin: string;
  stop(): Promise<void>;
}

/** How an example is started. */
export interface StartOptions {
  /** The command, which makes it listen at any port that is free; in the environment, `PORT` says so. */
  command: [string, ...string[]];
  cwd?: string;
  env: Record<string, string>;
  /** What it answers once it serves. @default 200 at `/health` */
  ready?: { path: string; status: number };
}

/** What the runtimes and the examples say, with the port. */
const LISTENING = /(?:Listening on|Started (?:development )?server:) http:\/\/[^/]+:(\d+)/;

/** Starts an example, and waits until it says where it listens. */
export async function startDeployment(
  { command: [program, ...args], cwd, env, ready = { path: "/health", status: 200 } }: StartOptions,
): Promise<Deployment> {
  const child = spawn(program, args, {
    env: { ...inherited(), PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const end = ended(child);
  const stop = async () => {
    child.kill();
    await end;
  };
  const early = end.then(({ code, text }) => {
    throw new Error(`'${[program, ...args].join(" ")}' ended (${code}): ${text}`);
  });
  const port = await Promise.race([listeningPort(child), early]);
  const origin = `http://127.0.0.1:${port}`;
  const { status } = await fetch(`${origin}${ready.path}`);
  if (status !== ready.status) {
    await stop();
    throw new Error(`${origin}${ready.path} answered ${status}: expected ${ready.status}`);
  }
  return { origin, stop };
}

function listeningPort({ stdout, stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    for (const stream of [stdout, stderr]) {
      let text = "";
      stream?.on("data", (chunk) => {
        text += chunk;
        const port = LISTENING.exec(text)?.[1];
        if (port !== undefined) resolve(port);
      });
    }
  });
}

/** What a runtime needs to be found, and to find what it has downloaded or will. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "JSR_URL"];
  return Object.fromEntries(names.flatMap((name) => process.env[name] ? [[name, process.env[name]]] : []));
}
