/** Sets, gets and deletes an entry in each store. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Entry } from "npm:@napi-rs/keyring@^2.1.2";
import { type BuiltInStoreKind, createCredentialStore } from "@clerk/cli-auth";
import { openPersistence } from "./support/msal.ts";
import { answerTasks, readArguments, timeCalls } from "./support/tasks.ts";

export type StoreName =
  | "systemCalls"
  | "file"
  | "memory"
  | "msalFile"
  | "keychain"
  | "keyring"
  | "msalKeychain";

/** Operations of something that stores one text. */
interface Operations {
  set(): unknown;
  get(): unknown;
  delete(): unknown;
}

/** As long as a session record. */
const VALUE = JSON.stringify({ accessToken: "a".repeat(900), refreshToken: "r".repeat(64) });

function own(kind: BuiltInStoreKind, filePath?: string): Operations {
  const store = createCredentialStore(kind, {
    clientId: `store-${kind}`,
    keychainFallback: "error",
    ...(filePath !== undefined && { filePath }),
  });
  return {
    set: () => store.set("tokens", VALUE),
    get: () => store.get("tokens"),
    delete: () => store.delete("tokens"),
  };
}

/** A file that is never seen half-written. */
function systemCalls(path: string): Operations {
  return {
    set() {
      const file = openSync(`${path}.new`, "w", 0o600);
      writeSync(file, VALUE);
      fsyncSync(file);
      closeSync(file);
      renameSync(`${path}.new`, path);
    },
    get: () => JSON.parse(readFileSync(path, "utf8")),
    delete: () => rmSync(path, { force: true }),
  };
}

/** An item of the keychain, through the binding alone. */
function keyring(): Operations {
  const entry = new Entry("benchmark", "keyring", { linux: { store: "secret-service" } });
  return {
    set: () => entry.setPassword(VALUE),
    get: () => entry.getPassword(),
    delete: () => entry.deletePassword(),
  };
}

/** What MSAL's extensions store tokens in. */
async function msal(storage: "file" | "keychain", path: string): Promise<Operations> {
  const persistence = await openPersistence({ storage, path, service: "benchmark" });
  return {
    set: () => persistence.save(VALUE),
    get: () => persistence.load(),
    delete: () => persistence.delete(),
  };
}

const [folder] = readArguments<[string]>();
const OPEN: Readonly<Record<StoreName, () => Operations | Promise<Operations>>> = {
  systemCalls: () => systemCalls(join(folder, "system_calls.json")),
  file: () => own("file", join(folder, "own.json")),
  memory: () => own("memory"),
  msalFile: () => msal("file", join(folder, "msal", "tokens.json")),
  keychain: () => own("keychain"),
  keyring,
  msalKeychain: () => msal("keychain", join(folder, "msal", "lock.json")),
};
const stores = new Map<string, Operations>();

await answerTasks(async (task) => {
  const [name = "", operation] = task.split(" ");
  const store = stores.get(name) ?? await OPEN[name as StoreName]();
  stores.set(name, store);
  if (operation === "set") return await timeCalls(() => store.set(), 5);
  if (operation === "get") {
    await store.set();
    return await timeCalls(() => store.get(), 20);
  }
  return await timeCalls(async () => {
    await store.set();
    await store.delete();
  }, 5);
});
