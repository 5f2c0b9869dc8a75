/** Says where it runs and what it was given; with `--wait` it keeps running. */
import process from "node:process";
import { isClerkCliAuthError } from "@clerk/cli-auth";

const runtime = process.versions.deno ? "deno" : process.versions.bun ? "bun" : "node";
const isWaiting = process.argv[2] === "--wait";
process.stdout.write(`${[runtime, ...process.argv.slice(2), process.env.PROBE ?? ""].join(" ")}\n`);
process.stderr.write("on stderr\n");
if (isWaiting) setInterval(() => {}, 1_000);
else process.exitCode = isClerkCliAuthError(new Error()) ? 1 : 3;
