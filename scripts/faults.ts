/**
 * Writes `docs/faults.md`: the outcome of each step with each fault, from the tables in tests/faults. The test suite
 * verifies every line of them.
 *
 *     deno task faults
 *
 * @module
 */
import { SERVER_TABLE } from "../tests/faults/server_table.ts";
import { faultsDocument } from "../tests/faults/support/document.ts";
import { TABLE } from "../tests/faults/table.ts";
import { ROOT } from "./deno_config.ts";

const page = faultsDocument({ client: TABLE, server: SERVER_TABLE });
await Deno.writeTextFile(new URL("docs/faults.md", ROOT), page);
