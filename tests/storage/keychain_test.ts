import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { STORE_CONTRACT } from "../doors/testing.ts";
import {
  KEYCHAIN_PROGRAMS,
  NO_KEYCHAIN,
  type Operation,
  type Outcome,
  runOperation,
  startOperation,
  withKeyring,
} from "../harness/keychain_program.ts";
import type { KeyringOptions } from "../harness/keyring.ts";
import { OWN_RUNTIME, runProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const SECRET = "a-secret-token";
const SERVICE = "clerk-cli-auth";
const USERNAME = "client@default";
const NAPI_VARIABLES = ["NAPI_RS_NATIVE_LIBRARY_PATH", "NAPI_RS_FORCE_WASI", "NAPI_RS_WASI_FLAVOR"];

type Environment = Record<string, string | undefined>;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => folder.remove());

/** Runs one operation of the store; a login that finds no keychain fails. */
function run(env: Environment, operation: Operation[0], value?: string): Promise<Outcome> {
  return runOperation(folder.path, [operation, "error", value], { env });
}

/** The deadlines of what a person may have to do with, in milliseconds. */
const SERVICE_MS = 2_000;
const PROMPT_MS = 5_000;

/** All that is written below a folder. */
async function everythingIn(path: string): Promise<string> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1"));
  return (await Promise.all(texts)).join("\n");
}

describe("the keychain store on a real Secret Service", () => {
  /** A promise that needs a keyring. */
  function itWithKeyring(title: string, task: Parameters<typeof withKeyring>[1]): void {
    itWith(KEYCHAIN_PROGRAMS, title, () => withKeyring({}, task));
  }

  itWithKeyring("keeps the contract of stores", async ({ env }) => {
    const { stdout, stderr } = await runProgram("store_contract", {
      env: { ...env, STORE_FOLDER: folder.path },
      deadlines: "never",
    });
    assertEquals(stderr, "");
    assertEquals(JSON.parse(stdout), Object.fromEntries(STORE_CONTRACT.map(({ name }) => [name, "kept"])));
  });

  itWithKeyring(
    "seals with a key that `secret-tool` reads, and writes the token nowhere",
    async ({ env, lookUp }) => {
      assertEquals((await run(env, "set", SECRET)).result, null);
      assertMatch(await lookUp(SERVICE, USERNAME), /^v1\.[0-9a-f]{16}\.[\w-]{43}$/);
      assertEquals((await run(env, "get")).result, SECRET);
      assertNotMatch(await everythingIn(folder.path), new RegExp(SECRET));
      assertNotMatch(await everythingIn(env.XDG_DATA_HOME ?? ""), new RegExp(SECRET));
    },
  );

  itWithKeyring("never changes the key once it is there", async ({ env, lookUp }) => {
    await run(env, "set", "first");
    const item = await lookUp(SERVICE, USERNAME);
    await run(env, "set", "second");
    await run(env, "delete");
    await run(env, "set", "third");
    assertEquals(await lookUp(SERVICE, USERNAME), item);
  });

  itWithKeyring("goes on when the daemon was restarted", async ({ env, restart }) => {
    await run(env, "set", SECRET);
    await restart();
    assertEquals((await run(env, "get")).result, SECRET);
  });

  itWithKeyring("agrees on one key when many processes create it at once", async ({ env }) => {
    const files = Array.from({ length: 8 }, (_, index) => join(folder.path, `${index}.json`));
    await Promise.all(files.map((file) => run({ ...env, STORE_FILE: file }, "set", SECRET)));
    for (const file of files) {
      assertEquals((await run({ ...env, STORE_FILE: file }, "get")).result, SECRET);
    }
  });

  itWithKeyring("loads no other library than its own", async ({ env }) => {
    const hostile = Object.fromEntries(
      NAPI_VARIABLES.map((name) => [name, join(folder.path, "hostile.node")]),
    );
    assertEquals((await run({ ...env, ...hostile }, "set", SECRET)).result, null);
    assertEquals((await run({ ...env, ...hostile }, "get")).result, SECRET);
  });
});

describe("a keychain that does not serve", () => {
  function itWithKeyring(
    title: string,
    options: KeyringOptions,
    task: Parameters<typeof withKeyring>[1],
  ): void {
    itWith(KEYCHAIN_PROGRAMS, title, () => withKeyring(options, task));
  }

  itWithKeyring("is told apart from nothing stored when it is locked", {}, async ({ env, lock }) => {
    await run(env, "set", SECRET);
    await lock();
    const { code, message, retryable } = await run(env, "get");
    assertEquals([code, message, retryable], ["keychain", "The keychain is locked", true]);
  });

  itWithKeyring(
    "is not asked to unlock where nothing is stored",
    { prompts: "unanswered" },
    async ({ env, lock }) => {
      await run({ ...env, STORE_FILE: join(folder.path, "other.json") }, "set", SECRET);
      await lock();
      assertEquals((await run(env, "get")).result, null);
    },
  );

  for (const [how, exitCode] of [["comes to its end", undefined], ["calls exit()", "7"]] as const) {
    itWithKeyring(
      `does not keep a process that ${how} while its prompt is not answered`,
      { prompts: "unanswered" },
      async ({ env, lock, calledFile }) => {
        await run(env, "set", SECRET);
        await lock();
        const { code, stdout } = await startOperation(folder.path, ["get", "error"], {
          env: { ...env, EXIT_CODE: exitCode },
          deadlines: { [PROMPT_MS]: calledFile },
        });
        assertEquals(code, Number(exitCode ?? 0));
        assertEquals(JSON.parse(stdout).message, "The keychain does not answer");
      },
    );
  }

  itWithKeyring(
    "is waited for two seconds when its service hangs",
    { service: "hanging" },
    async ({ env, calledFile }) => {
      const deadlines = { [SERVICE_MS]: calledFile };
      const { code, message } = await runOperation(folder.path, ["set", "error", SECRET], { env, deadlines });
      assertEquals([code, message], ["keychain", "The keychain does not answer"]);
    },
  );

  for (
    const [what, options, env] of [
      ["there is no bus", { service: "none" }, NO_KEYCHAIN],
      ["the bus is gone", { service: "none" }, { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus" }],
      ["the bus has no service", { service: "none" }, {}],
      ["the service has no collection", { hasCollection: false }, {}],
    ] as const
  ) {
    itWithKeyring(`is missing where ${what}`, options, async (keyring) => {
      const view = { ...keyring.env, ...env };
      const { code, message } = await run(view, "set", SECRET);
      assertEquals([code, message], ["keychain", "There is no keychain here"]);
      assertEquals((await readdir(folder.path)).filter((name) => name.startsWith("credentials")), []);
      assertEquals((await run(view, "get")).result, null);
    });
  }

  if (OWN_RUNTIME === "deno") {
    itWithKeyring(
      "is missing, without a prompt, where Deno may not call native code",
      {},
      async ({ env }) => {
        const permissions = ["--allow-env", "--allow-read", "--allow-write"];
        const { code, message } = await runOperation(folder.path, ["set", "error", SECRET], {
          env,
          permissions,
        });
        assertEquals(code, "keychain");
        assertEquals(message, "There is no keychain here: Deno lacks the permissions --allow-ffi");
      },
    );

    itWithKeyring("serves in Deno with no more permissions than documented", {}, async ({ env }) => {
      const permissions = [
        "--allow-ffi",
        "--allow-net=127.0.0.1",
        `--allow-read=/usr/bin/ldd,${folder.path}`,
        `--allow-write=${folder.path}`,
        `--allow-env=STORE_FILE,EXIT_CODE,${NAPI_VARIABLES.join()}`,
      ];
      const options = { env, permissions };
      await runOperation(folder.path, ["set", "error", SECRET], options);
      assertEquals((await runOperation(folder.path, ["get", "error"], options)).result, SECRET);
    });
  }
});
