import { type Cell, needsProcess } from "./support/cell.ts";
import { describeCells } from "./support/describe_cells.ts";
import { describeServer, type ServerCell } from "./support/describe_server.ts";
import { sampleOf } from "./support/sample.ts";
import type { TokenKind } from "./support/server_rule.ts";
import type { StepName } from "./support/steps.ts";
import { SERVER_TABLE } from "./server_table.ts";
import { TABLE } from "./table.ts";

const GROUPS = Object.entries(TABLE).flatMap(([step, rules]) =>
  rules.map(({ faults }) => faults.map((fault): Cell => ({ step: step as StepName, fault })))
);

const SERVER_GROUPS = Object.entries(SERVER_TABLE).flatMap(([kind, rules]) =>
  rules.map(({ faults }) => faults.map((fault): ServerCell => ({ kind: kind as TokenKind, fault })))
);

describeCells(
  "With each fault in some step, and in each step with some of those that take no process",
  sampleOf(GROUPS, (cell) => !needsProcess(cell)),
);

describeServer(sampleOf(SERVER_GROUPS));
