/**
 * Writes to a store until it is killed: `store_writer file|keychain`, with the credential file in `STORE_FILE`. Each
 * value tells its own length; its number is written to standard output once it is stored.
 *
 * @module
 */
import { createCredentialStore } from "@clerk/cli-auth";
import { writeSync } from "node:fs";
import process from "node:process";

const kind = process.argv[2] === "keychain" ? "keychain" : "file";
const filePath = process.env.STORE_FILE ?? "";
const store = createCredentialStore(kind, { filePath, keychainFallback: "error" });
const stored = await store.get("tokens");
for (let number = stored ? JSON.parse(stored).number + 1 : 1;; number++) {
  const length = number * 7_919 % 50_000;
  await store.set("tokens", JSON.stringify({ number, length, filling: "x".repeat(length) }));
  writeSync(1, `stored ${number}\n`);
}
