import type { ProgramRuntime } from "../harness/program.ts";
import { startWorker, type Worker, type WorkerOptions } from "./crew.ts";

/** Workers that live through the whole soak, one for each runtime, and workers that are killed and replaced. */
const VETERANS: ProgramRuntime[] = ["deno", "node", "bun"];
const MORTALS: ProgramRuntime[] = ["deno", "node", "bun", "deno", "node"];

const PAUSE_MS = { min: 300, max: 1_500 };

/** Most suspensions are short; some are longer than the deadline of a request. */
const MAX_SUSPENSION_MS = 7_000;

/** Eight workers, some of whom are killed or suspended now and then. */
export interface Crew {
  readonly veterans: readonly Worker[];
  /** Leaves them alone, lets them finish their operation, and ends them. */
  disband(): Promise<void>;
}

/** Starts the workers and the chaos. */
export function startCrew(options: Omit<WorkerOptions, "runtime">): Crew {
  const { log } = options;
  const start = (runtime: ProgramRuntime) => startWorker({ ...options, runtime });
  const veterans = VETERANS.map(start);
  const mortals = MORTALS.map(start);
  const suspended = new Map<Worker, Promise<void>>();
  let isOver = false;

  function killOne(): void {
    const index = Math.floor(Math.random() * mortals.length);
    const worker = mortals[index]!;
    worker.kill();
    log.kills++;
    mortals[index] = start(worker.runtime);
  }

  function suspendOne(): void {
    const crew = [...veterans, ...mortals];
    const worker = crew[Math.floor(Math.random() * crew.length)]!;
    if (suspended.has(worker)) return;
    log.suspensions++;
    const length = Math.random() ** 3 * MAX_SUSPENSION_MS;
    suspended.set(worker, worker.suspend(length).finally(() => suspended.delete(worker)));
  }

  const trouble = (async () => {
    while (!isOver) {
      await pause(PAUSE_MS.min + Math.random() * (PAUSE_MS.max - PAUSE_MS.min));
      if (Math.random() < 0.5) killOne();
      else suspendOne();
    }
  })();

  return {
    veterans,
    async disband() {
      isOver = true;
      await trouble;
      await Promise.all(suspended.values());
      await Promise.all([...veterans, ...mortals].map((worker) => worker.dismiss()));
    },
  };
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
