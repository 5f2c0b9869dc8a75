/** Sends a token to a backend, and prints the response as JSON. */
import process from "node:process";
import { makeBackend } from "../../faults/support/backend.ts";

const [options = "{}", token = ""] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await makeBackend(JSON.parse(options)).ask(token))}\n`);
