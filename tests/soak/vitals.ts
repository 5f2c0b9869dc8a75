import { readdir, readFile } from "node:fs/promises";

/** The system resources of a process. */
export interface Vitals {
  rssMb: number;
  handles: number;
}

/** Reads them, if there is `/proc`. */
export async function readVitals(pid: number): Promise<Vitals> {
  const [status, handles] = await Promise.all([
    readFile(`/proc/${pid}/status`, "utf8"),
    readdir(`/proc/${pid}/fd`),
  ]);
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  return { rssMb: Math.round(kilobytes / 1024), handles: handles.length };
}

/** How much a process may grow from the second quarter of its life to the last and still count as flat. */
const MAX_GROWTH = { ratio: 1.25, rssMb: 16, handles: 4 };

/** The means over a quarter of a life. */
export interface Growth {
  from: Vitals;
  to: Vitals;
  isFlat: boolean;
}

/** Compares the second quarter of a life, in which all code is loaded, with the last. */
export function growthOf(samples: readonly Vitals[]): Growth {
  const quarter = Math.floor(samples.length / 4);
  const from = mean(samples.slice(quarter, 2 * quarter));
  const to = mean(samples.slice(-quarter));
  const isFlat = to.rssMb <= from.rssMb * MAX_GROWTH.ratio + MAX_GROWTH.rssMb &&
    to.handles <= from.handles + MAX_GROWTH.handles;
  return { from, to, isFlat };
}

function mean(samples: readonly Vitals[]): Vitals {
  const of = (read: (vitals: Vitals) => number) =>
    Math.round(samples.reduce((sum, vitals) => sum + read(vitals), 0) / samples.length);
  return { rssMb: of(({ rssMb }) => rssMb), handles: of(({ handles }) => handles) };
}
