/**
 * Writes what a store holds to standard output: `store_reader file|keychain`, with the credential file in `STORE_FILE`.
 *
 * @module
 */
import { createCredentialStore } from "@clerk/cli-auth";
import process from "node:process";

const kind = process.argv[2] === "keychain" ? "keychain" : "file";
const filePath = process.env.STORE_FILE ?? "";
process.stdout.write(await createCredentialStore(kind, { filePath }).get("tokens") ?? "null");
