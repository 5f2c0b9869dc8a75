/** Sends a backend a token, and prints what it answered as JSON. */
import process from "node:process";
import { makeBackend } from "../../faults/support/backend.ts";

const [options = "{}", token = ""] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await makeBackend(JSON.parse(options)).ask(token))}\n`);
