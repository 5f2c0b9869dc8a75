import process from "node:process";
import { createCliAuth } from "../doors/server.ts";
import { createBusyClerk } from "../server/support/busy_clerk.ts";
import { simulate } from "../server/support/simulation.ts";
import { type Growth, growthOf, readVitals, type Vitals } from "./vitals.ts";

/** The result of a flood of junk tokens. */
export interface JunkReport {
  /** How often each outcome occurred. */
  outcomes: Record<string, number>;
  /** The calls to Clerk. */
  calls: number;
  growth: Growth;
}

const PER_SECOND = 1_000;
const SOURCES = 100_000;
const SAMPLES = 100;

/** Verifies junk tokens, each different, from a hundred thousand sources: a thousand a second, in computed time. */
export async function floodWithJunk(tokens: number): Promise<JunkReport> {
  const simulation = simulate();
  const { client, calls } = createBusyClerk();
  const auth = createCliAuth(
    { client, clientConfig: { secretKey: "sk_live_1" }, clientIds: "any", cache: { ttlMs: 60_000 } },
    { variable: () => undefined },
  );
  const outcomes: Record<string, number> = {};
  const count = (outcome: string) => outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const vitals: Vitals[] = [];
  for (let sent = 0; sent < tokens; sent++) {
    const now = sent * 1_000 / PER_SECOND;
    await simulation.runTo(now);
    auth.verifyToken(`ak_junk_${sent}`, { source: `source ${sent % SOURCES}` }).then(
      () => count("accepted"),
      ({ code }) => count(code),
    );
    if (sent % Math.ceil(tokens / SAMPLES) === 0) vitals.push(await readVitals(process.pid));
  }
  await simulation.runTo(tokens * 1_000 / PER_SECOND + 60_000);
  simulation.end();
  return { outcomes, calls: calls.length, growth: growthOf(vitals) };
}
