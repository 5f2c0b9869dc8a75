import { assert, assertEquals, assertLess, assertMatch, assertNotMatch } from "@std/assert";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { STORE_CONTRACT } from "../../src/testing/contracts/store_contract.ts";
import { type Keyring, type KeyringOptions, SECRET_SERVICE, startKeyring } from "../harness/keyring.ts";
import { canRunOn, OWN_RUNTIME, runProgram } from "../harness/program.ts";
import type { Requirement } from "../harness/requirement.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

/** What `tests/programs/keychain_store.ts` reports. */
interface Outcome {
  result?: string | null;
  code?: string;
  message?: string;
  retryable?: boolean;
  tookMs: number;
}

const NEEDED: Requirement = { missing: SECRET_SERVICE.missing ?? canRunOn(OWN_RUNTIME).missing };
const NO_KEYCHAIN = { DBUS_SESSION_BUS_ADDRESS: undefined, XDG_RUNTIME_DIR: undefined, DISPLAY: undefined };
const SECRET = "a-secret-token";
const SERVICE = "clerk-cli-auth";
const USERNAME = "client@default";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => folder.remove());

/** Runs one operation of the store in a process of its own. */
async function use(
  env: Record<string, string | undefined>,
  args: string[],
  options: { permissions?: string[] } = {},
): Promise<Outcome> {
  const program = await runProgram("keychain_store", {
    args,
    env: { STORE_FILE: join(folder.path, "credentials.json"), ...env },
    ...options,
  });
  if (program.code !== 0) throw new Error(`The program ended with ${program.code}: ${program.stderr}`);
  return JSON.parse(program.stdout);
}

async function withKeyring(
  options: KeyringOptions,
  task: (keyring: Keyring) => Promise<void>,
): Promise<void> {
  const keyring = await startKeyring(options);
  try {
    await task(keyring);
  } finally {
    await keyring.close();
  }
}

/** All that is written below a folder. */
async function everythingIn(path: string): Promise<string> {
  const names = await readdir(path, { recursive: true, withFileTypes: true });
  const texts = names.filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name), "latin1"));
  return (await Promise.all(texts)).join("\n");
}

describe("the keychain store on a real Secret Service", () => {
  itWith(NEEDED, "keeps the contract of stores", () =>
    withKeyring({}, async ({ env }) => {
      const { stdout, stderr } = await runProgram("store_contract", {
        env: { ...env, STORE_FOLDER: folder.path },
      });
      assertEquals(stderr, "");
      assertEquals(JSON.parse(stdout), Object.fromEntries(STORE_CONTRACT.map(({ name }) => [name, "kept"])));
    }));

  itWith(
    NEEDED,
    "seals with a key that `secret-tool` reads, and writes the token nowhere",
    () =>
      withKeyring({}, async ({ env, lookUp }) => {
        assertEquals((await use(env, ["set", "error", SECRET])).result, null);
        assertMatch(await lookUp(SERVICE, USERNAME), /^v1\.[0-9a-f]{16}\.[\w-]{43}$/);
        assertEquals((await use(env, ["get", "error"])).result, SECRET);
        assertNotMatch(await everythingIn(folder.path), new RegExp(SECRET));
        assertNotMatch(await everythingIn(env.XDG_DATA_HOME ?? ""), new RegExp(SECRET));
      }),
  );

  itWith(NEEDED, "never changes the key once it is there", () =>
    withKeyring({}, async ({ env, lookUp }) => {
      await use(env, ["set", "error", "first"]);
      const item = await lookUp(SERVICE, USERNAME);
      await use(env, ["set", "error", "second"]);
      await use(env, ["delete", "error"]);
      await use(env, ["set", "error", "third"]);
      assertEquals(await lookUp(SERVICE, USERNAME), item);
    }));

  itWith(NEEDED, "goes on when the daemon was restarted", () =>
    withKeyring({}, async ({ env, restart }) => {
      await use(env, ["set", "error", SECRET]);
      await restart();
      assertEquals((await use(env, ["get", "error"])).result, SECRET);
    }));

  itWith(
    NEEDED,
    "agrees on one key when many processes create it at once",
    () =>
      withKeyring({}, async ({ env }) => {
        const files = Array.from({ length: 8 }, (_, index) => join(folder.path, `${index}.json`));
        await Promise.all(files.map((file) => use({ ...env, STORE_FILE: file }, ["set", "error", SECRET])));
        for (const file of files) {
          assertEquals((await use({ ...env, STORE_FILE: file }, ["get", "error"])).result, SECRET);
        }
      }),
  );

  itWith(NEEDED, "loads no other library than its own", () =>
    withKeyring({}, async ({ env }) => {
      const hostile = { ...env, NAPI_RS_NATIVE_LIBRARY_PATH: join(folder.path, "hostile.node") };
      assertEquals((await use(hostile, ["set", "error", SECRET])).result, null);
      assertEquals((await use(hostile, ["get", "error"])).result, SECRET);
    }));
});

describe("a keychain that does not serve", () => {
  itWith(
    NEEDED,
    "is told apart from nothing stored when it is locked",
    () =>
      withKeyring({}, async ({ env, lock }) => {
        await use(env, ["set", "error", SECRET]);
        await lock();
        const { code, message, retryable } = await use(env, ["get", "error"]);
        assertEquals({ code, message, retryable }, {
          code: "keychain",
          message: "The keychain is locked",
          retryable: true,
        });
      }),
  );

  itWith(
    NEEDED,
    "is not asked to unlock where nothing is stored",
    () =>
      withKeyring({ prompts: "unanswered" }, async ({ env, lock }) => {
        await use({ ...env, STORE_FILE: join(folder.path, "other.json") }, ["set", "error", SECRET]);
        await lock();
        const { result, tookMs } = await use(env, ["get", "error"]);
        assertEquals(result, null);
        assertLess(tookMs, 2_000);
      }),
  );

  for (const exitCode of [undefined, "7"]) {
    const how = exitCode === undefined ? "comes to its end" : "calls exit()";
    itWith(
      NEEDED,
      `does not keep a process that ${how} while its prompt is not answered`,
      () =>
        withKeyring({ prompts: "unanswered" }, async ({ env, lock }) => {
          await use(env, ["set", "error", SECRET]);
          await lock();
          const began = performance.now();
          const { code, stdout } = await runProgram("keychain_store", {
            args: ["get", "error"],
            env: { ...env, STORE_FILE: join(folder.path, "credentials.json"), EXIT_CODE: exitCode },
          });
          assertEquals(code, Number(exitCode ?? 0));
          assertEquals(JSON.parse(stdout).message, "The keychain does not answer");
          assertLess(performance.now() - began, 12_000);
        }),
    );
  }

  itWith(
    NEEDED,
    "is waited for two seconds when its service hangs",
    () =>
      withKeyring({ service: "hanging" }, async ({ env }) => {
        const began = performance.now();
        const { code, message } = await use(env, ["set", "error", SECRET]);
        assertEquals([code, message], ["keychain", "The keychain does not answer"]);
        assertLess(performance.now() - began, 5_000);
      }),
  );

  for (
    const [what, options, env] of [
      ["there is no bus", { service: "none" }, NO_KEYCHAIN],
      ["the bus has no service", { service: "none" }, {}],
      ["the service has no collection", { hasCollection: false }, {}],
    ] as const
  ) {
    itWith(NEEDED, `is missing where ${what}`, () =>
      withKeyring(options, async (keyring) => {
        const { code, message } = await use({ ...keyring.env, ...env }, ["set", "error", SECRET]);
        assertEquals([code, message], ["keychain", "There is no keychain here"]);
        assertEquals(await readdir(folder.path), []);
        assertEquals((await use({ ...keyring.env, ...env }, ["get", "error"])).result, null);
      }));
  }

  const onDeno: Requirement = {
    missing: NEEDED.missing ?? (OWN_RUNTIME === "deno" ? undefined : "only Deno has permissions"),
  };
  itWith(
    onDeno,
    "is missing, without a prompt, where Deno may not call native code",
    () =>
      withKeyring({}, async ({ env }) => {
        const permissions = ["--allow-env", "--allow-read", "--allow-write"];
        const { code, message } = await use(env, ["set", "error", SECRET], { permissions });
        assertEquals(code, "keychain");
        assertEquals(message, "There is no keychain here: Deno lacks the permissions --allow-ffi");
      }),
  );
});

describe("the protection is decided by a login", () => {
  let desktop: Keyring;
  let otherMachine: Keyring;
  let locked: Keyring;

  beforeAll(async () => {
    if (NEEDED.missing !== undefined) return;
    [desktop, otherMachine, locked] = await Promise.all([startKeyring(), startKeyring(), startKeyring()]);
    await locked.lock();
  });
  afterAll(async () => {
    await Promise.all([desktop, otherMachine, locked].map((keyring) => keyring?.close()));
  });

  type View = "desktop" | "ssh" | "other machine" | "locked";
  type Step = [view: View, operation: string, outcome: string | null];

  /** Operations, from views of the same folder, with what comes out: a value, `null`, or the code of an error. */
  const TABLE: Record<string, Step[]> = {
    "a sealed record is out of reach elsewhere, not absent": [
      ["desktop", "set a", null],
      ["ssh", "get", "keychain"],
      ["locked", "get", "storage"],
      ["other machine", "get", "storage"],
      ["desktop", "get", "a"],
    ],
    "a plain record counts everywhere, for as long as it is there": [
      ["ssh", "set a", null],
      ["desktop", "get", "a"],
      ["other machine", "get", "a"],
      ["ssh", "get", "a"],
    ],
    "a plain login replaces a sealed one, for all views": [
      ["desktop", "set old", null],
      ["ssh", "set new", null],
      ["desktop", "get", "new"],
      ["ssh", "get", "new"],
    ],
    "a plain login that is over does not bring back the sealed one before it": [
      ["desktop", "set old", null],
      ["ssh", "set new", null],
      ["ssh", "delete", null],
      ["desktop", "get", null],
      ["ssh", "get", null],
    ],
    "a sealed login replaces a plain one, for all views": [
      ["ssh", "set old", null],
      ["desktop", "set new", null],
      ["desktop", "get", "new"],
      ["ssh", "get", "keychain"],
    ],
    "a sealed login that is over does not bring back the plain one before it": [
      ["ssh", "set old", null],
      ["desktop", "set new", null],
      ["desktop", "delete", null],
      ["ssh", "get", null],
      ["desktop", "get", null],
    ],
    "a sealed record is deleted where it cannot be read": [
      ["desktop", "set old", null],
      ["ssh", "delete", null],
      ["desktop", "get", null],
      ["ssh", "get", null],
      ["desktop", "set new", null],
      ["desktop", "get", "new"],
    ],
    "a plain record is deleted from any view, with the sealed one before it": [
      ["desktop", "set old", null],
      ["ssh", "set new", null],
      ["desktop", "delete", null],
      ["ssh", "get", null],
      ["desktop", "get", null],
    ],
    "two machines with one home folder keep a sealed record each": [
      ["desktop", "set a", null],
      ["other machine", "set b", null],
      ["desktop", "get", "a"],
      ["other machine", "get", "b"],
      ["other machine", "delete", null],
      ["desktop", "get", "a"],
      ["other machine", "get", null],
    ],
    "a record that was replaced stays so when another machine seals one": [
      ["desktop", "set old", null],
      ["ssh", "set plain", null],
      ["other machine", "set new", null],
      ["desktop", "get", null],
      ["other machine", "get", "new"],
    ],
    "a locked keychain is as good as none for a login that may store in the clear": [
      ["locked", "set a", null],
      ["desktop", "get", "a"],
    ],
  };

  for (const [promise, steps] of Object.entries(TABLE)) {
    itWith(NEEDED, promise, async () => {
      const views: Record<View, Record<string, string | undefined>> = {
        "desktop": desktop.env,
        "ssh": NO_KEYCHAIN,
        "other machine": otherMachine.env,
        "locked": locked.env,
      };
      for (const [index, [view, operation, expected]] of steps.entries()) {
        const [name = "", value = ""] = operation.split(" ");
        const { code, result } = await use(views[view], [name, "file", value]);
        assertEquals(code ?? result, expected, `step ${index + 1}: ${operation} from ${view}`);
      }
      assert(steps.length > 1);
    });
  }

  itWith(NEEDED, "a plain record is refused where the fallback is forbidden", async () => {
    await use(NO_KEYCHAIN, ["set", "file", "plain"]);
    assertEquals((await use(desktop.env, ["get", "error"])).code, "keychain");
    assertEquals((await use(NO_KEYCHAIN, ["set", "error", "new"])).code, "keychain");
    assertEquals((await use(desktop.env, ["set", "error", "sealed"])).code, undefined);
    assertEquals((await use(desktop.env, ["get", "error"])).result, "sealed");
    assertEquals(
      await readdir(folder.path).then((names) => names.filter((name) => name.endsWith(".json"))),
      [],
    );
  });
});
