/**
 * Uses the keychain store: `keychain_store OPERATION FALLBACK [VALUE]`, with the credential file in `STORE_FILE`. Writes
 * what came out as JSON, and then just ends: nothing may keep it.
 *
 * @module
 */
import { createCredentialStore, isClerkCliAuthError } from "@clerk/cli-auth";
import process from "node:process";

const [operation = "", fallback = "file", value = ""] = process.argv.slice(2);
const store = createCredentialStore("keychain", {
  clientId: "client",
  issuer: "https://issuer.example",
  keychainFallback: fallback === "error" ? "error" : "file",
  filePath: process.env.STORE_FILE ?? "",
});

try {
  const result = await run();
  report({ result: result ?? null });
} catch (error) {
  if (!isClerkCliAuthError(error)) throw error;
  report({ code: error.code, message: error.message, retryable: error.retryable });
}
if (process.env.EXIT_CODE) process.exit(Number(process.env.EXIT_CODE));

async function run(): Promise<string | boolean | void | null | undefined> {
  switch (operation) {
    case "set":
      return await store.set("tokens", value);
    case "get":
      return await store.get("tokens");
    case "delete":
      return await store.delete("tokens");
  }
  throw new Error(`Unknown operation '${operation}'`);
}

function report(outcome: Record<string, unknown>): void {
  console.log(JSON.stringify(outcome));
}
