import { join } from "node:path";
import { runProgram } from "../harness/program.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";
import type { Account } from "./account.ts";
import { startCrew } from "./chaos.ts";
import { leftoversIn } from "./leftovers.ts";
import { createLog, type SoakLog } from "./soak_log.ts";
import { startUnreliableIssuer, type UnreliableIssuer } from "./unreliable_issuer.ts";
import { judge, type Verdict } from "./verdict.ts";
import { type Growth, growthOf, readVitals, type Vitals } from "./vitals.ts";

/** The result of a soak. */
export interface SoakReport {
  log: SoakLog;
  verdict: Verdict;
  /** Of the processes that lived through all of it, by runtime. */
  growth: Record<string, Growth>;
}

const SAMPLE_MS = 1_000;

/** Lets eight processes use four accounts for a while, at a failing issuer, and judges the result. */
export async function soak(durationMs: number): Promise<SoakReport> {
  const log = createLog();
  const folder = await makeTemporaryFolder();
  const issuer = await startUnreliableIssuer(log);
  const env = { XDG_CONFIG_HOME: folder.path };
  const crew = startCrew({ task: { issuer: issuer.url, accounts: issuer.accounts }, env, log });
  const lives = await watch(crew.veterans, durationMs);
  await crew.disband();
  issuer.calm();
  const verdict = judge(log, issuer.accounts);
  for (const account of issuer.accounts) {
    verdict.violations.push(...await conclude(account, issuer, { env, folder: folder.path }));
  }
  const growth = Object.fromEntries([...lives].map(([runtime, life]) => [runtime, growthOf(life)]));
  for (const [runtime, { from, to, isFlat }] of Object.entries(growth)) {
    if (!isFlat) {
      verdict.violations.push(`${runtime} has grown from ${JSON.stringify(from)} to ${JSON.stringify(to)}`);
    }
  }
  await issuer.close();
  await folder.remove();
  return { log, verdict, growth };
}

async function watch(
  veterans: readonly { runtime: string; pid: number; hasEnded: boolean }[],
  durationMs: number,
): Promise<Map<string, Vitals[]>> {
  const lives = new Map<string, Vitals[]>(veterans.map(({ runtime }) => [runtime, []]));
  for (const deadline = Date.now() + durationMs; Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    for (const { runtime, pid, hasEnded } of veterans) {
      if (!hasEnded) lives.get(runtime)!.push(await readVitals(pid));
    }
  }
  return lives;
}

/** A login, the use of its session and a logout work as usual, and leave nothing behind. */
async function conclude(
  { clientId, email }: Account,
  { url }: UnreliableIssuer,
  { env, folder }: { env: Record<string, string>; folder: string },
): Promise<string[]> {
  const config = JSON.stringify({ clientId, issuer: url, storage: "file" });
  const found: string[] = [];
  for (const [command, good] of [["login", "signed in"], ["whoami", "the user"], ["logout", "signed out"]]) {
    const { stdout, stderr } = await runProgram("faults/command", {
      runtime: "deno",
      args: [command!, config, email],
      env,
    });
    if (!stdout.includes(`"${good}"`)) {
      found.push(`After all, ${command} with ${clientId}: ${stdout}${stderr}`);
    }
  }
  const left = await leftoversIn(join(folder, "clerk-cli-auth", clientId));
  return [...found, ...left.map((name) => `After all, ${name} is left of ${clientId}`)];
}
