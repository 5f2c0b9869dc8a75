import process from "node:process";
import { makeTemporaryFolder } from "../../harness/temporary_folder.ts";
import { type Cell, needsProcess, requirementOf } from "./cell.ts";
import { CLOCK_FAULTS, isOneOf, SLOW_FAULTS } from "./fault_names.ts";
import type { Outcome } from "./rule.ts";
import { makeSurroundings } from "./surroundings.ts";
import { takeCell } from "./take_cell.ts";

/** A run of many cells. */
export interface MatrixRun {
  /** What a cell came to, as soon as that is known. */
  outcomeOf(cell: Cell): Promise<Outcome>;
  /** To be called when every cell has ended. */
  close(): Promise<void>;
}

/** How cells are gone through. */
interface Pace {
  /** How many at a time. */
  lanes: number;
  /** Whether the next one waits for the end; else it begins as soon as there may be nothing left but to wait. */
  isAwaited: boolean;
}

const ONE_BY_ONE: Pace = { lanes: 1, isAwaited: true };

/** Begins to take cells, those aside for which this machine lacks something. */
export async function startMatrix(all: readonly Cell[]): Promise<MatrixRun> {
  const cells = all.filter((cell) => requirementOf(cell).missing === undefined);
  const folder = await makeTemporaryFolder();
  const { XDG_CONFIG_HOME: homeBefore } = process.env;
  process.env.XDG_CONFIG_HOME = folder.path;
  const surroundings = await makeSurroundings(folder.path);
  const outcomes = new Map(cells.map((cell) => [keyOf(cell), new Settling<Outcome>()]));

  async function take(cell: Cell, { isAwaited }: Pace): Promise<void> {
    const taking = takeCell(cell, surroundings);
    const ended = taking.then(({ outcome }) => outcome);
    outcomes.get(keyOf(cell))!.follow(ended);
    const met = isAwaited ? ended : Promise.race([taking.then(({ met }) => met), ended]);
    await met.catch(() => {}); // Whoever asks for the outcome hears of it.
  }

  async function takeAll(isWanted: (cell: Cell) => boolean, pace: Pace): Promise<void> {
    const waiting = cells.filter(isWanted);
    const lane = async () => {
      for (let cell = waiting.shift(); cell; cell = waiting.shift()) await take(cell, pace);
    };
    await Promise.all(Array.from({ length: pace.lanes }, lane));
  }

  /** The clock is everybody's, so that its turn comes alone. What only waits begins early. */
  async function run(): Promise<void> {
    await takeAll(isClock, ONE_BY_ONE);
    takeAll(isSuspension, { lanes: cells.length, isAwaited: true });
    takeAll((cell) => needsProcess(cell) && !isSuspension(cell), { lanes: 2, isAwaited: true });
    await takeAll(isSlow, { lanes: 1, isAwaited: false });
    await takeAll((cell) => !needsProcess(cell) && !isClock(cell) && !isSlow(cell), ONE_BY_ONE);
  }

  run();
  return {
    outcomeOf: (cell) => outcomes.get(keyOf(cell))!.result,
    async close() {
      await Promise.allSettled([...outcomes.values()].map(({ result }) => result));
      if (homeBefore === undefined) delete process.env.XDG_CONFIG_HOME;
      else process.env.XDG_CONFIG_HOME = homeBefore;
      await folder.remove();
    },
  };
}

const isClock = ({ fault }: Cell) => isOneOf(CLOCK_FAULTS, fault);
const isSlow = ({ fault }: Cell) => isOneOf(SLOW_FAULTS, fault);
const isSuspension = ({ fault }: Cell) => fault === "suspended";

function keyOf({ step, fault }: Cell): string {
  return `${step} × ${fault}`;
}

/** A result that is waited for before anybody works on it. */
class Settling<T> {
  #resolve: (result: Promise<T>) => void = () => {};
  readonly result: Promise<T> = new Promise<T>((resolve) => this.#resolve = resolve);

  constructor() {
    this.result.catch(() => {}); // Whoever asks for it hears of its failure.
  }

  follow(result: Promise<T>): void {
    this.#resolve(result);
  }
}
