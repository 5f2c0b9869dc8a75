/**
 * Stores a value and kills itself halfway: `store_writer file|keychain STEP`, with the credential file in `STORE_FILE`.
 * It first writes the stored value to standard output, then stores the next value, and kills itself before the step
 * with that number. Each value contains its own length.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { loadRuntime } from "../doors/runtime.ts";
import { openBuiltInStore } from "../doors/storage.ts";
import { stepwiseRuntime } from "../harness/stepwise_runtime.ts";

const LENGTH = 50_000;

let stepsLeft = Number(process.argv[3]);
const runtime = stepwiseRuntime(await loadRuntime(), {
  isLast: (step) => {
    if (--stepsLeft > 0) return false;
    writeSync(1, `killed before: ${step}\n`);
    return true;
  },
  stop: () => {
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => {});
  },
});
const store = await openBuiltInStore(process.argv[2] === "keychain" ? "keychain" : "file", {
  runtime,
  scope: { application: "store-writer", environment: "default" },
  filePath: process.env.STORE_FILE,
  keychainFallback: "error",
});
const stored = JSON.parse(await store.get("tokens") ?? "null");
writeSync(1, `found ${stored && JSON.stringify({ ...stored, filling: stored.filling.length })}\n`);
const number = (stored?.number ?? 0) + 1;
const filling = "x".repeat(LENGTH + number);
await store.saveLogin("tokens", JSON.stringify({ number, length: filling.length, filling }));
writeSync(1, "stored\n");
