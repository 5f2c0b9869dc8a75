import { SERVER_TABLE } from "./server_table.ts";
import { describeServer } from "./support/describe_server.ts";
import type { TokenKind } from "./support/server_rule.ts";

describeServer(
  Object.entries(SERVER_TABLE).flatMap(([kind, rules]) =>
    rules.flatMap(({ faults }) => faults.map((fault) => ({ kind: kind as TokenKind, fault })))
  ),
);
