import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Files, type HeldFile, loadRuntime, type Runtime } from "../doors/runtime.ts";
import { credentialLock, LockDirectory, openPresence } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const NONCE = "nonce";
const LIVE = `${NONCE}.live`;

let temporary: TemporaryFolder;
let real: Runtime;
let held: HeldFile[];

beforeEach(async () => {
  temporary = await makeTemporaryFolder();
  real = await loadRuntime();
  held = [];
});
afterEach(async () => {
  await Promise.all(held.map((file) => file.close()));
  await temporary.remove();
});

function folderWith(files: Partial<Files> = {}): LockDirectory {
  return new LockDirectory({ ...real, files: { ...real.files, ...files } }, temporary.path);
}

async function createLive(folder: LockDirectory): Promise<void> {
  held.push(await folder.createLive(NONCE, claimed.text));
}

async function names(): Promise<string[]> {
  return (await readdir(temporary.path)).sort();
}

/** On Windows the user's directory is what keeps others out. */
async function assertPrivate(name: string): Promise<void> {
  if (real.platform === "windows") return;
  assertEquals((await stat(join(temporary.path, name))).mode & 0o777, 0o600, name);
}

const withoutLinks: Partial<Files> = { link: () => Promise.reject(systemError("EPERM")) };
const claimed = { nonce: NONCE, text: "the claim" };

describe("LockDirectory", () => {
  for (const [how, files] of Object.entries({ links: {}, "a file system without links": withoutLinks })) {
    describe(`links a number, on ${how}`, () => {
      let folder: LockDirectory;
      beforeEach(async () => {
        folder = folderWith(files);
        await createLive(folder);
      });

      it("that is free", async () => {
        assertEquals(await folder.linkNumber(7, claimed), true);
        assertEquals([await names(), await folder.readNumber(7)], [["7", LIVE], claimed.text]);
      });

      it("but not one that is taken", async () => {
        await writeFile(join(temporary.path, "7"), "another claim");
        assertEquals(await folder.linkNumber(7, claimed), false);
        assertEquals(await folder.readNumber(7), "another claim");
      });

      it("but not for a taker that was cleaned up, and leaves nothing of it", async () => {
        await folder.removeLive(NONCE);
        assertEquals([await folder.linkNumber(7, claimed), await names()], [false, []]);
      });

      it("that only its user can read", async () => {
        await folder.linkNumber(7, claimed);
        for (const name of await names()) await assertPrivate(name);
      });
    });
  }

  it("gives up a number that was created after others had moved on", async () => {
    const folder = folderWith(withoutLinks);
    await createLive(folder);
    await writeFile(join(temporary.path, "8"), "of another");
    assertEquals(await folder.linkNumber(7, claimed), false);
  });

  it("gives up a number whose taker was cleaned up during its creation", async () => {
    const createExclusive: Files["createExclusive"] = async (path, ...rest) => {
      await real.files.createExclusive(path, ...rest);
      if (path.endsWith("/7")) await real.files.remove(join(temporary.path, LIVE));
    };
    const folder = folderWith({ ...withoutLinks, createExclusive });
    await createLive(folder);
    assertEquals(await folder.linkNumber(7, claimed), false);
  });

  it("reports why a number cannot be created", async () => {
    const folder = folderWith({
      ...withoutLinks,
      createExclusive: (path, ...rest) =>
        path.endsWith("/7")
          ? Promise.reject(systemError("ENOSPC"))
          : real.files.createExclusive(path, ...rest),
    });
    await createLive(folder);
    await assertRejects(() => folder.linkNumber(7, claimed), Error, "ENOSPC");
  });

  it("accepts a number whose link already exists according to the file system, if it is our own", async () => {
    const link: Files["link"] = async (...paths) => {
      await real.files.link(...paths);
      throw systemError("EEXIST");
    };
    const folder = folderWith({ link });
    await createLive(folder);
    assertEquals(await folder.linkNumber(7, claimed), true);
  });

  it("does not wait for the disk: what it writes is worthless after a crash", async () => {
    const flushed: (boolean | undefined)[] = [];
    const folder = folderWith({
      ...withoutLinks,
      createExclusive: (path, text, options) => {
        flushed.push(options.flush);
        return real.files.createExclusive(path, text, options);
      },
    });
    await createLive(folder);
    await folder.linkNumber(7, claimed);
    assertEquals(flushed, [false]);
  });

  it("treats a floor that is not a number as none", async () => {
    await writeFile(join(temporary.path, "floor"), "many\n");
    assertEquals(await folderWith().readFloor(), 0);
  });
});

describe("openPresence()", () => {
  it("shows by the time of its live file that it is alive, with the same claim", async () => {
    const folder = folderWith();
    const presence = await openPresence({ runtime: real, directory: folder });
    try {
      const [live = ""] = await names();
      await assertPrivate(live);
      await utimes(join(temporary.path, live), 1, 1);
      assertEquals(await presence.beatenAt(), 1_000);
      await presence.beat();
      assert(await presence.beatenAt() ?? 0 > 1_000);
      assertEquals(await readFile(join(temporary.path, live), "utf8"), presence.text);
    } finally {
      await presence.close();
    }
    assertEquals([await presence.beatenAt(), await names()], [null, []]);
  });
});

describe("credentialLock()", () => {
  const { signal } = new AbortController();

  it("takes no used number, not even the last one", async () => {
    const path = join(temporary.path, "credentials.json");
    const folder = new LockDirectory(real, `${path}.lock`);
    for (const floor of [1, 5]) {
      await real.files.makeDirectory(`${path}.lock`, { mode: 0o700 });
      await folder.raiseFloor(floor, NONCE);
      const numbers = await credentialLock({ runtime: real, path }).withLock(
        () => folder.listNumbers(),
        { signal },
      );
      assertEquals(numbers, [floor + 1]);
      await folder.removeNumber(floor + 1);
    }
  });

  it("beats every second while it is held", async () => {
    const path = join(temporary.path, "credentials.json");
    let beats = 0;
    const createHeld: Files["createHeld"] = async (...args) => {
      const file = await real.files.createHeld(...args);
      return { ...file, rewrite: () => Promise.resolve(void beats++) };
    };
    const runtime = { ...real, files: { ...real.files, createHeld } };
    await onFakeClock((clock) =>
      credentialLock({ runtime, path }).withLock(async () => {
        await clock.advance(3_000);
      }, { signal })
    );
    assertEquals(beats, 3);
  });

  it("reports what it could not do, and with which file", async () => {
    const path = join(temporary.path, "credentials.json");
    const files: Files = { ...real.files, makeDirectory: () => Promise.reject(systemError("EACCES")) };
    const lock = credentialLock({ runtime: { ...real, files }, path });
    const { code, message } = await caught(() => lock.withLock(() => Promise.resolve(), { signal }));
    assertEquals(code, "storage");
    assertEquals(message, `Cannot lock the credential file ${path} (EACCES)`);
  });
});
