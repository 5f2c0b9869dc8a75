/**
 * For programs some of whose deadlines come when the test says so: it names the files in `CLI_AUTH_TEST_DEADLINES`, as JSON.
 */
import "./no_deadlines.ts";
import process from "node:process";
import { holdDeadlines } from "../../harness/hold_deadlines.ts";

holdDeadlines(JSON.parse(process.env.CLI_AUTH_TEST_DEADLINES ?? "{}"));
