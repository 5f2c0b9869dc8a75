import { setClock } from "./clock.ts";
import { doAgain } from "./do_again.ts";
import { type ClockFault, isOneOf, type NetworkFault, SLOW_FAULTS } from "./fault_names.ts";
import type { FaultOrder } from "./fault_server.ts";
import { perform } from "./perform.ts";
import { playFault, REDIRECT_TARGET } from "./play_fault.ts";
import { sendTruly } from "./raw_answer.ts";
import type { Outcome } from "./rule.ts";
import type { Step } from "./steps.ts";
import { clientOf, type World } from "./world.ts";

/** A fault that a client in this process can meet, and that its server or its clock can have. */
export type HereFault = Exclude<NetworkFault, "TLS error"> | ClockFault;

/** A step that is being taken. */
export interface Taking {
  /** Resolves when the fault has been met: from then on there may be nothing left but to wait. */
  met: Promise<void>;
  outcome: Promise<Outcome>;
}

/** How long a request may take that would take for ever, in milliseconds. */
const IMPATIENT_MS = 3_000;

const DAY_MS = 86_400_000;

const CLOCKS: Readonly<Record<ClockFault, number>> = {
  "clock set a day ahead": DAY_MS,
  "clock set a day back": -DAY_MS,
};

/** Begins to take a step with a fault in this process; then comes the next one without. */
export function takeHere(world: World, step: Step, fault: HereFault): Taking {
  const { path, after } = step;
  if (path === undefined) {
    setClock(CLOCKS[fault as ClockFault]);
    return { met: Promise.resolve(), outcome: run(world, step, fault) };
  }
  const met = world.server.fail({ path, after, fault: orderFor(fault, step) });
  return { met, outcome: run(world, step, fault) };
}

function orderFor(fault: HereFault, { error, takesEffect = false }: Step): FaultOrder["fault"] {
  if (fault === "connection refused") return "refused";
  if (!isClockFault(fault)) {
    return playFault(fault, { errorBody: { error, error_description: "planted" }, takesEffect });
  }
  return (socket, answer) => {
    setClock(CLOCKS[fault]);
    return sendTruly(socket, answer);
  };
}

async function run(world: World, { command }: Step, fault: HereFault): Promise<Outcome> {
  const { server } = world;
  const isSlow = isOneOf(SLOW_FAULTS, fault);
  try {
    const client = clientOf(world, isSlow ? { requestTimeoutMs: IMPATIENT_MS } : {});
    const performed = await perform(client, command);
    const stored = await world.stored();
    await server.mend();
    const next = await doAgain(world, command, (command) => perform(clientOf(world), command));
    if (server.paths.includes(REDIRECT_TARGET)) throw new Error("A redirect was followed");
    return { ...performed, stored, next };
  } finally {
    if (isClockFault(fault)) setClock(0);
  }
}

function isClockFault(fault: HereFault): fault is ClockFault {
  return fault in CLOCKS;
}
