/** Asks a server as much as it can answer, one address after the other, in turns. */
import autocannon from "npm:autocannon@9.0.0";
import { type Subject, takeTurns } from "../../measure/take_turns.ts";
import { finish, readArguments } from "../support/arguments.ts";

/** What a server has to bear. */
export interface Load {
  urls: string[];
  authorization: string;
  /** How many requests are under way at once. */
  connections: number;
  /** For how long an address is asked in each round. */
  seconds: number;
  rounds: number;
}

interface LoadResult {
  requests: { total: number };
  non2xx: number;
  errors: number;
  start: Date;
  finish: Date;
}

/** How often the load generator looks whether its time is up. */
const SAMPLE_MS = 50;

const [{ urls, authorization, connections, seconds, rounds }] = readArguments<[Load]>();

/** Requests a second. */
async function load(url: string): Promise<number> {
  const options = { url, connections, duration: seconds, sampleInt: SAMPLE_MS, headers: { authorization } };
  const result: LoadResult = await autocannon(options);
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url} failed under load: ${result.non2xx} refusals, ${result.errors} errors`);
  }
  return result.requests.total / (result.finish.getTime() - result.start.getTime()) * 1000;
}

const subjects = urls.map((url): [string, Subject] => [url, { measure: () => load(url) }]);
finish(await takeTurns(Object.fromEntries(subjects), { rounds }));
