import { assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { Platform, Runtime } from "../doors/runtime.ts";
import { type KeychainFailure, keychainItem } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { LAST_MOMENT_MS, onFakeClock } from "../harness/fake_clock.ts";
import { createFakeKeyring, type FakeKeyring } from "../harness/fake_keyring.ts";
import { createFakeRuntime, systemError } from "../harness/fake_runtime.ts";
import {
  answer,
  BEGIN,
  createBus,
  LOCKED_COLLECTION,
  LOCKED_ITEM,
  OPEN_COLLECTION,
  PATH,
  paths,
  SECRET,
  SESSION,
} from "./support/session_bus.ts";

const NAME = { service: "service", username: "name" };
const ENTRY = "service/name";

let keyring: FakeKeyring;
let asked: number;
/** Input of the processes that called the keychain. */
let given: Record<string, unknown>[];
beforeEach(() => {
  keyring = createFakeKeyring();
  asked = 0;
  given = [];
});

interface World {
  platform?: Platform;
  /** What the session bus sends before it falls silent. @default there is none */
  bus?: readonly number[];
  /** What a process that calls the keychain writes. @default none can be started */
  child?: () => string | Promise<string>;
  isInteractive?: boolean;
}

async function open({ platform = "linux", bus, child, isInteractive = false }: World) {
  const run: Runtime["programs"]["run"] = async (command, args, { stdin = "", signal } = {}) => {
    assertEquals([command, args.length], ["node", 1]);
    given.push(JSON.parse(stdin));
    const killed = new Promise<never>((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
    return { code: 0, stdout: await Promise.race([child!(), killed]), stderr: "" };
  };
  const parts: Partial<Runtime> = {
    keyring: {
      ...keyring,
      load: () => keyring.load(),
      scriptCommand: (script) => Promise.resolve(child ? { command: "node", args: [script] } : null),
    },
    connectLocal: createBus(bus ?? [], { isSilent: bus?.length === 0 }).connect,
  };
  const env: Record<string, string> = bus ? { XDG_RUNTIME_DIR: "/run" } : {};
  const runtime = await createFakeRuntime({ platform, env, isInteractive, parts });
  return keychainItem({ ...runtime, programs: { ...runtime.programs, run } }, NAME);
}

function mayPrompt(may = true) {
  return {
    mayPrompt: () => {
      asked++;
      return Promise.resolve(may);
    },
  };
}

/** Lets the time limit of a call pass, and returns why it failed. */
function reasonAfter(durationMs: number, call: () => Promise<unknown>): Promise<string> {
  return onFakeClock(async (clock) => {
    const failing = caught(call);
    await clock.untilSet(durationMs);
    await clock.advance(durationMs + LAST_MOMENT_MS);
    return reasonOf(await failing);
  });
}

function reasonOf(error: unknown): string {
  return (error as KeychainFailure).reason;
}

describe("the Windows keychain", () => {
  it("is called in this process, as it never prompts", async () => {
    const item = await open({ platform: "windows", child: () => "{}" });
    await item.write("secret");
    assertEquals(keyring.secrets.get(ENTRY), "secret");
    assertEquals(await item.read(mayPrompt(false)), "secret");
    assertEquals([asked, given], [0, []]);
  });

  it("does not answer if the binding does not", async () => {
    class SilentEntry {
      getPassword = () => new Promise<never>(() => {});
      setPassword = () => new Promise<never>(() => {});
    }
    keyring.load = () => Promise.resolve({ AsyncEntry: SilentEntry });
    const item = await open({ platform: "windows" });
    assertEquals(await reasonAfter(5_000, () => item.read(mayPrompt())), "unanswered");
    assertEquals(await reasonAfter(5_000, () => item.write("secret")), "unanswered");
  });

  it("fails as the binding reports", async () => {
    const item = await open({ platform: "windows" });
    keyring.failure = new Error("no result found");
    const error = await caught(() => item.read(mayPrompt()));
    assertEquals([reasonOf(error), error.cause], ["missing", keyring.failure]);
  });
});

describe("the macOS keychain", () => {
  it("is called in a child process, with the secret on its standard input", async () => {
    const item = await open({ platform: "darwin", child: () => '{"secret":"stored"}' });
    assertEquals(await item.read(mayPrompt()), "stored");
    await item.write("new");
    const common = { ...NAME, entryOptions: { linux: { store: "secret-service" } }, deadlineMs: 20_000 };
    assertEquals(given, [{ ...common, operation: "get" }, { ...common, operation: "set", secret: "new" }]);
    assertEquals([asked, keyring.secrets.size], [1, 0]);
  });

  it("is not called if the user may not be prompted", async () => {
    const item = await open({ platform: "darwin", child: () => '{"secret":"stored"}' });
    assertEquals(await item.read(mayPrompt(false)), null);
    assertEquals(given, []);
  });

  it("gives a user at a terminal more time", async () => {
    const item = await open({ platform: "darwin", child: () => '{"secret":null}', isInteractive: true });
    assertEquals(await item.read(mayPrompt()), null);
    assertEquals(given[0]?.deadlineMs, 35_000);
  });

  it("fails as the child reports", async () => {
    const item = await open({
      platform: "darwin",
      child: () => '{"secret":null,"failure":"User canceled the operation."}',
    });
    const error = await caught(() => item.read(mayPrompt()));
    assertEquals([reasonOf(error), (error.cause as Error).message], [
      "locked",
      "User canceled the operation.",
    ]);
  });

  it("fails if the child reports nothing", async () => {
    const error = await caught(async () =>
      (await open({ platform: "darwin", child: () => "" })).read(mayPrompt())
    );
    assertEquals([reasonOf(error), (error.cause as Error).message], [
      "failed",
      "The process that called it returned nothing",
    ]);
  });

  it("has no secret unless it is text", async () => {
    const item = await open({ platform: "darwin", child: () => '{"secret":7}' });
    assertEquals(await item.read(mayPrompt()), null);
  });

  it("does not answer if nobody answers its prompt: the child is killed", async () => {
    for (const [isInteractive, deadlineMs] of [[true, 20_000], [false, 5_000]] as const) {
      const item = await open({ platform: "darwin", child: () => new Promise(() => {}), isInteractive });
      assertEquals(await reasonAfter(deadlineMs, () => item.read(mayPrompt())), "unanswered");
      assertEquals(await reasonAfter(deadlineMs, () => item.write("secret")), "unanswered");
    }
    assertEquals(keyring.secrets.size, 0);
  });

  it("is not looked for on a session bus", async () => {
    const bus = [...BEGIN, ...SESSION, ...answer(3, paths([PATH], [])), ...SECRET];
    const item = await open({ platform: "darwin", bus, child: () => '{"secret":"of macOS"}' });
    assertEquals(await item.read(mayPrompt()), "of macOS");
    await (await open({ platform: "darwin", bus: OPEN_COLLECTION, child: () => "{}" })).write("secret");
    assertEquals([given.length, keyring.secrets.size], [2, 0]);
  });

  for (
    const [what, world] of [
      ["no process can be made for it", {}],
      ["no process can be started", { child: () => Promise.reject(systemError("EACCES")) }],
    ] as const
  ) {
    it(`is called in this process if ${what}`, async () => {
      const item = await open({ platform: "darwin", ...world });
      await item.write("secret");
      assertEquals(await item.read(mayPrompt()), "secret");
      assertEquals(keyring.secrets.get(ENTRY), "secret");
    });
  }
});

describe("the Linux keychain", () => {
  it("is read over the session bus if unlocked, without a prompt", async () => {
    const bus = [...BEGIN, ...SESSION, ...answer(3, paths([PATH], [])), ...SECRET];
    assertEquals(await (await open({ bus, child: () => "{}" })).read(mayPrompt()), "Ünit");
    assertEquals([asked, given], [0, []]);
  });

  it("is not called if its service is silent", async () => {
    const item = await open({ bus: [], child: () => '{"secret":"stored"}' });
    assertEquals(await reasonAfter(2_000, () => item.read(mayPrompt())), "unanswered");
    const another = await open({ bus: [], child: () => "{}" });
    assertEquals(await reasonAfter(2_000, () => another.write("secret")), "unanswered");
    assertEquals([asked, given, keyring.secrets.size], [0, [], 0]);
  });

  it("is written to in this process if unlocked", async () => {
    const item = await open({ bus: OPEN_COLLECTION, child: () => "{}" });
    await item.write("secret");
    assertEquals([keyring.secrets.get(ENTRY), given], ["secret", []]);
  });

  it("is called in a child process if locked, so that the user can unlock it", async () => {
    await (await open({ bus: LOCKED_COLLECTION, child: () => "{}" })).write("secret");
    const item = await open({ bus: LOCKED_ITEM, child: () => '{"secret":"stored"}' });
    assertEquals(await item.read(mayPrompt()), "stored");
    assertEquals([keyring.secrets.size, given.length, asked], [0, 2, 1]);
  });

  it("returns null if locked and nobody may be prompted", async () => {
    const item = await open({ bus: LOCKED_ITEM, child: () => '{"secret":"stored"}' });
    assertEquals(await item.read(mayPrompt(false)), null);
    assertEquals(given, []);
  });

  it("stays locked if no child can wait for the user", async () => {
    keyring.secrets.set(ENTRY, "never read in this process");
    const error = await caught(async () => (await open({ bus: LOCKED_ITEM })).read(mayPrompt()));
    assertEquals(reasonOf(error), "locked");
    assertEquals(
      reasonOf(await caught(async () => (await open({ bus: LOCKED_COLLECTION })).write("a"))),
      "locked",
    );
    assertEquals(keyring.secrets.get(ENTRY), "never read in this process");
  });

  it("is left to the binding if it cannot be asked, which reports what is wrong", async () => {
    keyring.failure = new Error("Failed to connect to socket");
    assertEquals(reasonOf(await caught(async () => (await open({})).read(mayPrompt()))), "missing");
    assertEquals(reasonOf(await caught(async () => (await open({})).write("a"))), "missing");
  });
});

describe("fifty callers at once", () => {
  for (const platform of ["windows", "darwin", "linux"] as const) {
    it(`share one read of the keychain (${platform})`, async () => {
      const keyring = createFakeKeyring();
      keyring.secrets.set(`${NAME.service}/${NAME.username}`, "secret");
      const runtime = await createFakeRuntime({ platform, parts: { keyring } });
      const may = { mayPrompt: () => Promise.resolve(true) };
      const secrets = Array.from({ length: 50 }, () => keychainItem(runtime, NAME).read(may));
      assertEquals([...new Set(await Promise.all(secrets))], ["secret"]);
      assertEquals(keyring.reads, 1);
      await keychainItem(runtime, NAME).read(may);
      assertEquals(keyring.reads, 2);
    });
  }

  it("share a failure, and one that may prompt asks after one that may not", async () => {
    const keyring = createFakeKeyring();
    keyring.secrets.set(`${NAME.service}/${NAME.username}`, "secret");
    const runtime = await createFakeRuntime({ platform: "darwin", parts: { keyring } });
    const read = (may: boolean) =>
      keychainItem(runtime, NAME).read({ mayPrompt: () => Promise.resolve(may) });
    assertEquals(await Promise.all([read(false), read(true), read(false)]), [null, "secret", null]);
    keyring.failure = new Error("object locked");
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => read(true)));
    assertEquals([...new Set(outcomes.map(({ status }) => status))], ["rejected"]);
  });
});
