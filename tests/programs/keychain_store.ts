/**
 * Uses the keychain store: `keychain_store OPERATION FALLBACK [VALUE]`, with the credential file in `STORE_FILE`.
 * Writes the result as JSON and then simply ends: nothing may keep it alive. Without arguments, it reads operations
 * from standard input, each a line of JSON that also names the file, and opens the store again for each.
 *
 * @module
 */
import { createCredentialStore, isClerkCliAuthError } from "@clerk/cli-auth";
import process from "node:process";
import { createInterface } from "node:readline";

const [operation, fallback, value] = process.argv.slice(2);
if (operation === undefined) {
  for await (const line of createInterface({ input: process.stdin })) await perform(JSON.parse(line));
} else {
  await perform({ operation, fallback, value, filePath: process.env.STORE_FILE });
}
if (process.env.EXIT_CODE) process.exit(Number(process.env.EXIT_CODE));

interface Order {
  operation: string;
  fallback?: string | undefined;
  value?: string | undefined;
  filePath?: string | undefined;
}

async function perform(order: Order): Promise<void> {
  const report = (outcome: Record<string, unknown>) => console.log(JSON.stringify(outcome));
  try {
    report({ result: await run(order) ?? null });
  } catch (error) {
    if (!isClerkCliAuthError(error)) throw error;
    report({ code: error.code, message: error.message, retryable: error.retryable });
  }
}

async function run(
  { operation, fallback, value = "", filePath = "" }: Order,
): Promise<string | boolean | void | null | undefined> {
  const store = createCredentialStore("keychain", {
    clientId: "client",
    issuer: "https://issuer.example",
    keychainFallback: fallback === "error" ? "error" : "file",
    filePath,
  });
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
