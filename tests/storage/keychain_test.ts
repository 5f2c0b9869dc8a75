import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { STORE_CONTRACT } from "../doors/testing.ts";
import {
  KEYCHAIN_PROGRAMS,
  type KeychainUser,
  NO_KEYCHAIN,
  type Operation,
  type Outcome,
  startKeychainUser,
  withKeyring,
} from "../harness/keychain_program.ts";
import { type Keyring, type KeyringOptions, startKeyring } from "../harness/keyring.ts";
import { type ProgramOptions, runProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const SECRET = "a-secret-token";
const SERVICE = "clerk-cli-auth";
const USERNAME = "client@default";
const NAPI_VARIABLES = ["NAPI_RS_NATIVE_LIBRARY_PATH", "NAPI_RS_FORCE_WASI", "NAPI_RS_WASI_FLAVOR"];

/** How long a service has to answer. */
const SERVICE_MS = 2_000;

let folder: TemporaryFolder;
let users: KeychainUser[] = [];
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(async () => {
  await Promise.all(users.map((user) => user.close()));
  users = [];
  await folder.remove();
});

/** Runs one operation of the store. A login that finds no keychain fails. */
type Run = (operation: Operation[0], value?: string, file?: string) => Promise<Outcome>;

/** Starts a process that uses an environment's keychain until the test ends. */
function startUser(options: ProgramOptions): Run {
  const user = startKeychainUser(options);
  users.push(user);
  return (operation, value, file) => user.run(folder.path, [operation, "error", value], file);
}

/** Registers a test that needs its own keyring. */
function itWithKeyring(
  title: string,
  options: KeyringOptions,
  task: (keyring: Keyring) => Promise<void>,
): void {
  itWith(KEYCHAIN_PROGRAMS, title, () => withKeyring(options, task));
}

/** Everything written under a directory. */
async function everythingIn(path: string): Promise<string> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1"));
  return (await Promise.all(texts)).join("\n");
}

describe("the keychain store on a real Secret Service", () => {
  let keyring: Keyring;
  let env: Keyring["env"];
  /** Runs in one process, which has used the keychain before. */
  let run: Run;
  let user: KeychainUser;
  beforeAll(async () => {
    if (KEYCHAIN_PROGRAMS.missing !== undefined) return;
    keyring = await startKeyring();
    env = keyring.env;
    user = startKeychainUser({ env });
    run = (operation, value) => user.run(folder.path, [operation, "error", value]);
  });
  afterAll(async () => {
    if (KEYCHAIN_PROGRAMS.missing !== undefined) return;
    await user.close();
    await keyring.close();
  });

  // First: there is no key yet.
  itWith(KEYCHAIN_PROGRAMS, "agrees on one key when many processes create it at once", async () => {
    const runs = Array.from({ length: 5 }, () => startUser({ env }));
    const files = runs.map((_, index) => `${index}.json`);
    await Promise.all(runs.map((run, index) => run("set", SECRET, files[index])));
    for (const file of files) assertEquals((await runs[0]!("get", undefined, file)).result, SECRET);
  });

  itWith(KEYCHAIN_PROGRAMS, "meets the contract of stores", async () => {
    const { stdout, stderr } = await runProgram("store_contract", {
      env: { ...env, STORE_FOLDER: folder.path },
    });
    assertEquals(stderr, "");
    assertEquals(JSON.parse(stdout), Object.fromEntries(STORE_CONTRACT.map(({ name }) => [name, "kept"])));
  });

  itWith(
    KEYCHAIN_PROGRAMS,
    "seals with a key that `secret-tool` reads, and writes the token nowhere",
    async () => {
      assertEquals((await run("set", SECRET)).result, null);
      assertMatch(await keyring.lookUp(SERVICE, USERNAME), /^v1\.[0-9a-f]{16}\.[\w-]{43}$/);
      assertEquals((await run("get")).result, SECRET);
      assertNotMatch(await everythingIn(folder.path), new RegExp(SECRET));
      assertNotMatch(await everythingIn(env.XDG_DATA_HOME ?? ""), new RegExp(SECRET));
    },
  );

  itWith(KEYCHAIN_PROGRAMS, "never changes an existing key", async () => {
    await run("set", "first");
    const item = await keyring.lookUp(SERVICE, USERNAME);
    await run("set", "second");
    await run("delete");
    await run("set", "third");
    assertEquals(await keyring.lookUp(SERVICE, USERNAME), item);
  });

  itWith(KEYCHAIN_PROGRAMS, "loads no library but its own", async () => {
    const hostile = NAPI_VARIABLES.map((name) => [name, join(folder.path, "hostile.node")]);
    const run = startUser({ env: { ...env, ...Object.fromEntries(hostile) } });
    assertEquals((await run("set", SECRET)).result, null);
    assertEquals((await run("get")).result, SECRET);
  });

  itWith(KEYCHAIN_PROGRAMS, "tells a locked keychain from one that holds nothing", async () => {
    await run("set", SECRET);
    await keyring.lock();
    const { code, message, retryable } = await run("get");
    assertEquals([code, message, retryable], ["keychain", "The keychain is locked", true]);
    await keyring.restart();
  });

  itWith(KEYCHAIN_PROGRAMS, "works again after the daemon was restarted", async () => {
    await run("set", SECRET);
    await keyring.restart();
    assertEquals((await run("get")).result, SECRET);
  });
});

describe("an unavailable keychain", () => {
  itWithKeyring(
    "prompts nobody to unlock it if nothing is stored",
    { prompts: "unanswered" },
    async ({ env, lock }) => {
      const run = startUser({ env });
      await run("set", SECRET, "other.json");
      await lock();
      assertEquals((await run("get")).result, null);
    },
  );

  itWithKeyring(
    "is waited for two seconds if its service hangs",
    { service: "hanging" },
    async ({ env, calledFile }) => {
      const run = startUser({ env, deadlines: { [SERVICE_MS]: calledFile } });
      const { code, message } = await run("set", SECRET);
      assertEquals([code, message], ["keychain", "The keychain did not respond"]);
    },
  );

  async function assertMissing(env: ProgramOptions["env"]): Promise<void> {
    const run = startUser({ env: env ?? {} });
    const { code, message } = await run("set", SECRET);
    assertEquals([code, message], ["keychain", "There is no keychain here"]);
    assertEquals((await readdir(folder.path)).filter((name) => name.startsWith("credentials")), []);
    assertEquals((await run("get")).result, null);
  }

  for (
    const [what, env] of [
      ["there is no bus", NO_KEYCHAIN],
      ["the bus is gone", { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus" }],
    ] as const
  ) {
    itWith(KEYCHAIN_PROGRAMS, `is missing if ${what}`, () => assertMissing(env));
  }

  for (
    const [what, options] of [
      ["the bus has no service", { service: "none" }],
      ["the service has no collection", { hasCollection: false }],
    ] as const
  ) {
    itWithKeyring(`is missing if ${what}`, options, ({ env }) => assertMissing(env));
  }
});
