import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { readSetup } from "../../harness/setup.ts";

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
}

const STARTING_MS = 30_000;
const EXAMPLES = fileURLToPath(new URL("../../../examples/deploy/", import.meta.url));

/** The path of an example. */
export function examplePath(path: string): string {
  return join(EXAMPLES, path);
}

/** Makes a project of an example, as a person would: its files, the packed package and what it imports. */
export async function createProject(
  example: string,
  packages: string[],
): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), `deploy-${example}-`));
  await cp(examplePath(example), folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const tarball = readSetup()?.tarball ?? "";
  const install = [
    "install",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    tarball,
    "@clerk/backend",
    ...packages,
  ];
  const npm = spawn("npm", install, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const { code, text } = await ended(npm);
  if (code !== 0) throw new Error(`npm install failed: ${text}`);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Starts an example, and waits until it says that it is well. */
export async function startDeployment({ command, cwd, env }: StartOptions): Promise<Deployment> {
  const port = await freePort();
  const [program, ...args] = command.map((part) => part.replace("PORT", String(port))) as [
    string,
    ...string[],
  ];
  const child = spawn(program, args, {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const end = ended(child);
  const origin = `http://127.0.0.1:${port}`;
  await Promise.race([
    untilWell(`${origin}/health`),
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

function ended(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = "";
  child.stdout?.on("data", (chunk) => text += chunk);
  child.stderr?.on("data", (chunk) => text += chunk);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, text }));
  });
}

async function untilWell(url: string): Promise<void> {
  const deadline = Date.now() + STARTING_MS;
  while (Date.now() < deadline) {
    const status = await fetch(url).then(({ status }) => status, () => undefined);
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nothing answered well at ${url}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
