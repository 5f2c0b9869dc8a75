/** Sends a server as many requests as it can answer. */
import autocannon from "npm:autocannon@9.0.0";
import { answerTasks, readArguments } from "./support/tasks.ts";

/** The load to put on a server. */
export interface Load {
  authorization: string;
  /** Concurrent requests. */
  connections: number;
  seconds: number;
}

interface LoadResult {
  requests: { total: number };
  latency: { p50: number; p99: number };
  non2xx: number;
  errors: number;
  start: Date;
  finish: Date;
}

/** How often the load generator checks whether its time is up. */
const SAMPLE_MS = 50;

const [{ authorization, connections, seconds }] = readArguments<[Load]>();
const options = { connections, duration: seconds, sampleInt: SAMPLE_MS, headers: { authorization } };

await answerTasks(async (url) => {
  const result: LoadResult = await autocannon({ ...options, url });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url} failed under load: ${result.non2xx} refusals, ${result.errors} errors`);
  }
  const tookMs = result.finish.getTime() - result.start.getTime();
  const { p50, p99 } = result.latency;
  return { value: result.requests.total / tookMs * 1000, p50: p50 * 1000, p99: p99 * 1000 };
});
