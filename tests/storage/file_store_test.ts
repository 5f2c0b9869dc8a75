import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Files } from "../doors/runtime.ts";
import { fileStore } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { onCorruptFile } from "../harness/fake_clock.ts";
import { createFakeRuntime, systemError } from "../harness/fake_runtime.ts";
import { itWith, unlessWindows } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

let temporary: TemporaryFolder;
let folder: string;
let path: string;

beforeEach(async () => {
  temporary = await makeTemporaryFolder();
  folder = join(temporary.path, "config", "client1");
  path = join(folder, "credentials@default.json");
});
afterEach(() => temporary.remove());

/** Opens a file store, with some file operations replaced. */
async function openStore(
  { files = {} }: { files?: Partial<Files> } = {},
) {
  const { files: real } = await createFakeRuntime();
  const runtime = await createFakeRuntime({ parts: { files: { ...real, ...files } } });
  return fileStore({ runtime, path });
}

async function modeOf(target: string): Promise<string> {
  return ((await stat(target)).mode & 0o777).toString(8);
}

async function writeCredentialFile(text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path, text);
}

describe("the credential file is private", () => {
  const bits = unlessWindows("permission bits");

  itWith(bits, "to its owner, as are the directories created for it, whatever the umask", async () => {
    const umask = process.umask(0);
    try {
      await (await openStore()).set("tokens", "secret");
    } finally {
      process.umask(umask);
    }
    assertEquals([await modeOf(path), await modeOf(folder), await modeOf(join(temporary.path, "config"))], [
      "600",
      "700",
      "700",
    ]);
  });

  itWith(bits, "from its creation", async () => {
    const { files: real } = await createFakeRuntime();
    let mode = "";
    const rename: Files["rename"] = async (from, to) => {
      mode = await modeOf(from);
      await real.rename(from, to);
    };
    await (await openStore({ files: { rename } })).set("tokens", "secret");
    assertEquals(mode, "600");
  });

  itWith(bits, "again after a write, even if someone opened it to others", async () => {
    const store = await openStore();
    await store.set("tokens", "first");
    await chmod(path, 0o644);
    await store.set("tokens", "second");
    assertEquals(await modeOf(path), "600");
  });
});

describe("a write is complete", () => {
  it("or does not happen: the file is replaced by one that was written and flushed next to it", async () => {
    const calls: string[] = [];
    const { files: real } = await createFakeRuntime();
    const named = (target: string) => target === path ? "FILE" : target === folder ? "FOLDER" : "BESIDE";
    const store = await openStore({
      files: {
        createExclusive: (target, ...rest) => {
          calls.push(`create ${named(target)}`);
          return real.createExclusive(target, ...rest);
        },
        rename: (from, to) => {
          calls.push(`rename ${named(from)} to ${named(to)}`);
          return real.rename(from, to);
        },
        syncDirectory: (target) => {
          calls.push(`flush ${named(target)}`);
          return real.syncDirectory(target);
        },
      },
    });
    await store.set("tokens", "value");
    assertEquals(calls, ["create BESIDE", "rename BESIDE to FILE", "flush FOLDER"]);
    assertEquals(await readdir(folder), ["credentials@default.json"]);
  });

  for (const code of ["ENOSPC", "EROFS", "EACCES", "EDQUOT", "EIO"]) {
    it(`or does not happen: ${code} leaves the old value and nothing else`, async () => {
      await (await openStore()).set("tokens", "old");
      for (const call of ["createExclusive", "rename"] as const) {
        const store = await openStore({ files: { [call]: () => Promise.reject(systemError(code)) } });
        const error = await caught(() => store.set("tokens", "new"));
        assertEquals(error.code, "storage");
        assertStringIncludes(error.message, `${path} (${code})`);
        assert(error.action);
        assertEquals(await store.get("tokens"), "old");
      }
      assertEquals(await readdir(folder), ["credentials@default.json"]);
    });
  }

  for (const call of ["createExclusive", "rename"] as const) {
    it(`or goes over the old file, if it must not be lost and no file can replace it (${call})`, async () => {
      await (await openStore()).set("tokens", "old");
      const store = await openStore({ files: { [call]: () => Promise.reject(systemError("ENOSPC")) } });
      await store.set("tokens", "new, and longer", { mayOverwrite: true });
      assertEquals(await store.get("tokens"), "new, and longer");
      await store.set("tokens", "shorter", { mayOverwrite: true });
      assertEquals(await store.get("tokens"), "shorter");
    });
  }

  it("or does not happen, if it cannot be written over to its end either", async () => {
    await (await openStore()).set("tokens", "old");
    const { files: real } = await createFakeRuntime();
    let times = 0;
    const overwrite: Files["overwrite"] = async (target, text) => {
      if (++times > 1) return await real.overwrite(target, text);
      await real.overwrite(target, text.slice(0, 10));
      throw systemError("EIO");
    };
    const store = await openStore({
      files: { overwrite, createExclusive: () => Promise.reject(systemError("ENOSPC")) },
    });
    const error = await caught(() => store.set("tokens", "new", { mayOverwrite: true }));
    assertStringIncludes(error.message, "(ENOSPC)");
    assertEquals(await store.get("tokens"), "old");
  });

  it("or does not happen, if there is nothing to write over", async () => {
    const store = await openStore({
      files: { createExclusive: () => Promise.reject(systemError("ENOSPC")) },
    });
    assertEquals((await caught(() => store.set("tokens", "new", { mayOverwrite: true }))).code, "storage");
    assertEquals(await store.get("tokens"), null);
  });

  it("even if the directory cannot be flushed", async () => {
    const store = await openStore({ files: { syncDirectory: () => Promise.reject(systemError("EINVAL")) } });
    await store.set("tokens", "value");
    assertEquals(await store.get("tokens"), "value");
  });
});

describe("a directory that cannot be written to", () => {
  itWith(unlessWindows("/sys"), "is a storage error, for everyone", async () => {
    const store = fileStore({
      runtime: await createFakeRuntime(),
      path: "/sys/clerk-cli-auth/credentials.json",
    });
    assertEquals(await store.get("tokens") ?? null, null);
    const error = await caught(() => store.set("tokens", "value"));
    assertEquals([error.code, error.exitCode, error.retryable], ["storage", 1, false]);
    assertMatch(error.message, /^Cannot write the credential file .*\((EACCES|EPERM|EROFS)\)$/);
  });

  it("is a storage error if a file is in its place", async () => {
    await writeFile(join(temporary.path, "config"), "");
    const store = await openStore();
    assertEquals((await caught(() => store.set("tokens", "value"))).code, "storage");
  });
});

describe("a corrupt or foreign file", () => {
  const contents: Record<string, string> = {
    "empty": "",
    "torn": '{"version":1,"entries":{"tokens":"{',
    "not JSON": "\u0000\u0001ELF",
    "another kind of JSON": '{"name":"package","version":"1.0.0"}',
    "a list": "[]",
    "without entries": '{"version":1}',
    "with no entries": '{"version":1,"entries":null}',
    "with a list of entries": '{"version":1,"entries":[]}',
    "with entries that are not strings": '{"version":1,"entries":{"tokens":{"accessToken":"a"}}}',
  };
  for (const [what, text] of Object.entries(contents)) {
    it(`(${what}) is an error to its readers, and stays where it is`, async () => {
      await writeCredentialFile(text);
      const error = await caught(() => onCorruptFile(async () => await (await openStore()).get("tokens")));
      assertEquals([error.code, error.message, error.action], [
        "storage",
        `The credential file ${path} is corrupt`,
        "Sign in again",
      ]);
      assertEquals(await readdir(folder), ["credentials@default.json"]);
      assertEquals(await readFile(path, "utf8"), text);
    });
  }

  it("does not prevent storing", async () => {
    await writeCredentialFile("torn");
    const store = await openStore();
    await onCorruptFile(() => Promise.resolve(store.set("tokens", "value")));
    assertEquals(await store.get("tokens"), "value");
    assertEquals(await readdir(folder), ["credentials@default.json"]);
  });

  it("does not prevent deleting", async () => {
    await writeCredentialFile("torn");
    await onCorruptFile(async () => void await (await openStore()).delete("tokens"));
    assertEquals(await readdir(folder), []);
  });

  it("is never quoted, as it may be someone's secret", async () => {
    await writeCredentialFile("marker of a secret");
    const error = await caught(() => onCorruptFile(async () => await (await openStore()).get("tokens")));
    assertEquals(`${error.message} ${error.stack} ${error.cause}`.includes("marker"), false);
  });
});

describe("a file that another process is writing over", () => {
  it("is read again until it is complete", async () => {
    const whole = '{"version":1,"entries":{"tokens":"value"}}';
    const states = ["", whole.slice(0, 20), whole];
    await writeCredentialFile(whole);
    const readText = () => Promise.resolve(states.length > 1 ? states.shift()! : states[0]!);
    const reading = async () => await (await openStore({ files: { readText } })).get("tokens");
    assertEquals(await onCorruptFile(reading), "value");
    assertEquals(states, [whole]);
  });
});

describe("a file of a newer version", () => {
  it("is rejected, and neither replaced nor removed", async () => {
    const text = '{"version":2,"entries":{"tokens":"of tomorrow"}}';
    await writeCredentialFile(text);
    const store = await openStore();
    const uses = [
      () => store.get("tokens"),
      () => store.set("tokens", "value"),
      () => store.saveLogin("tokens", "value"),
      () => store.delete("tokens"),
    ];
    for (const use of uses) {
      const error = await caught(async () => await use());
      assertEquals([error.code, error.message, error.action], [
        "storage",
        `A newer version of this tool wrote ${path}`,
        "Update this tool",
      ]);
    }
    assertEquals(await readFile(path, "utf8"), text);
  });
});

describe("a first record in the clear", () => {
  it("is a storage error if what it replaced cannot be determined", async () => {
    const list = () => Promise.reject(systemError("EACCES"));
    const error = await caught(async () => (await openStore({ files: { list } })).set("tokens", "value"));
    assertEquals([error.code, error.message], [
      "storage",
      `Cannot look beside the credential file ${path} (EACCES)`,
    ]);
  });
});
