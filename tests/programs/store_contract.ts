/**
 * Checks the keychain store against the contract of stores, each promise with its own file in the directory
 * `STORE_FOLDER`. Writes the results as JSON.
 *
 * @module
 */
import { createCredentialStore } from "@clerk/cli-auth";
import process from "node:process";
import { STORE_CONTRACT } from "../doors/testing.ts";

const outcomes: Record<string, string> = {};
for (const [index, { name, check }] of STORE_CONTRACT.entries()) {
  const filePath = `${process.env.STORE_FOLDER}/${index}.json`;
  const open = () => createCredentialStore("keychain", { filePath, keychainFallback: "error" });
  outcomes[name] = await check(open).then(() => "kept", (error) => String(error));
}
console.log(JSON.stringify(outcomes));
