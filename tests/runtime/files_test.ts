import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { chmod, readdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { type Files, loadRuntime } from "../doors/runtime.ts";
import { runOnFullDisk } from "../harness/full_disk.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const isWindows = process.platform === "win32";
const SHELL = { missing: isWindows ? "it needs a POSIX shell" : undefined };
const mode = (bits: number) => isWindows ? 0 : bits;

/** Returns the POSIX code that a task must fail with. */
async function codeOf(task: () => Promise<unknown>): Promise<unknown> {
  return (await assertRejects(task) as { code?: unknown }).code;
}

describe("files", () => {
  let files: Files;
  let folder: TemporaryFolder;
  let inFolder: (name: string) => string;

  beforeEach(async () => {
    ({ files } = await loadRuntime());
    folder = await makeTemporaryFolder();
    inFolder = (name) => join(folder.path, name);
  });

  afterEach(() => folder.remove());

  it("readText() returns a file's text, null if there is none, and fails for a directory", async () => {
    await writeFile(inFolder("a"), "zwölf\n");

    assertEquals(await files.readText(inFolder("a")), "zwölf\n");
    assertEquals(await files.readText(inFolder("b")), null);
    assertEquals(await files.readText(inFolder("no/such/folder")), null);
    assertEquals(await codeOf(() => files.readText(folder.path)), isWindows ? "EPERM" : "EISDIR");
  });

  it("createExclusive() writes a file that only its owner can read, from the start", async () => {
    for (const flush of [true, false]) {
      const path = inFolder(`flush-${flush}`);
      await files.createExclusive(path, "secret ü", { mode: 0o600, flush });

      assertEquals(await readFile(path, "utf8"), "secret ü");
      assertEquals(await files.inspect(path), { kind: "file", mode: mode(0o600) });
    }
  });

  it("createExclusive() accepts large and empty texts", async () => {
    for (const text of ["", "ü".repeat(1_000_000)]) {
      const path = inFolder(`length-${text.length}`);
      await files.createExclusive(path, text, { mode: 0o600 });

      assertEquals(await files.readText(path) === text, true);
    }
  });

  it("createExclusive() fails with EEXIST if anything is there, even a dangling link", async () => {
    await writeFile(inFolder("file"), "old");
    await symlink(inFolder("nowhere"), inFolder("link"));

    for (const name of ["file", "link"]) {
      assertEquals(
        await codeOf(() => files.createExclusive(inFolder(name), "new", { mode: 0o600 })),
        "EEXIST",
      );
    }
    assertEquals(await files.readText(inFolder("file")), "old");
    assertEquals(await files.inspect(inFolder("nowhere")), null);
  });

  itWith(SHELL, "createExclusive() leaves nothing of a file that does not fit on the disk", async () => {
    const args = [inFolder("file"), String(4 * 1024 * 1024)];
    const { code, stdout } = await runOnFullDisk("runtime/create_file", { args, room: 4096 });

    assertEquals(code, 0);
    assertMatch(stdout, /file too large/i);
    assertEquals(await readdir(folder.path), []);
  });

  it("createExclusive() fails with ENOENT if there is no directory", async () => {
    assertEquals(await codeOf(() => files.createExclusive(inFolder("x/y"), "", { mode: 0o600 })), "ENOENT");
  });

  it("createHeld() writes a file that must not exist, and can write it again", async () => {
    const path = inFolder("file");
    const held = await files.createHeld(path, "secret ü", { mode: 0o600 });
    assertEquals([await files.readText(path), await files.inspect(path)], [
      "secret ü",
      { kind: "file", mode: mode(0o600) },
    ]);
    await utimes(path, 1, 1);
    await held.rewrite();
    await held.close();
    assert((await files.modifiedAt(path))! > 1_000);
    assertEquals(await files.readText(path), "secret ü");
    assertEquals(await codeOf(() => files.createHeld(path, "new", { mode: 0o600 })), "EEXIST");
  });

  it("createHeld() keeps its file open, except on Windows, where it could not be removed", async () => {
    const held = await files.createHeld(inFolder("file"), "text", { mode: 0o600 });
    await files.remove(inFolder("file"));
    if (isWindows) assertEquals(await codeOf(() => held.rewrite()), "ENOENT");
    else await held.rewrite();
    await held.close();
    assertEquals(await files.inspect(inFolder("file")), null);
  });

  it("modifiedAt() returns when a file was last written, or null if there is none", async () => {
    await writeFile(inFolder("file"), "");
    await utimes(inFolder("file"), 1_800_000_000, 1_800_000_000.25);
    assertEquals(await files.modifiedAt(inFolder("file")), 1_800_000_000_250);
    assertEquals(await files.modifiedAt(inFolder("nothing")), null);
  });

  it("overwrite() replaces a file's text, longer or shorter, and nothing else about it", async () => {
    const path = inFolder("file");
    await files.createExclusive(path, "old", { mode: 0o600 });
    await files.link(path, inFolder("same"));
    for (const text of ["longer than before, ü", "short", ""]) {
      await files.overwrite(path, text);

      assertEquals([await files.readText(path), await files.readText(inFolder("same"))], [text, text]);
    }
    assertEquals(await files.inspect(path), { kind: "file", mode: mode(0o600) });
  });

  it("overwrite() fails with ENOENT if there is no file, and creates none", async () => {
    assertEquals(await codeOf(() => files.overwrite(inFolder("none"), "text")), "ENOENT");
    assertEquals(await files.inspect(inFolder("none")), null);
  });

  it("rename() replaces what is there, and fails with ENOENT if there is nothing to rename", async () => {
    await writeFile(inFolder("from"), "new");
    await writeFile(inFolder("to"), "old");
    await files.rename(inFolder("from"), inFolder("to"));

    assertEquals([await files.readText(inFolder("to")), await files.readText(inFolder("from"))], [
      "new",
      null,
    ]);
    assertEquals(await codeOf(() => files.rename(inFolder("from"), inFolder("to"))), "ENOENT");
  });

  it("link() gives a file a second name, and fails with EEXIST if the name is taken", async () => {
    await writeFile(inFolder("first"), "text");
    await files.link(inFolder("first"), inFolder("second"));
    await files.remove(inFolder("first"));

    assertEquals(await files.readText(inFolder("second")), "text");
    await writeFile(inFolder("third"), "");
    assertEquals(await codeOf(() => files.link(inFolder("second"), inFolder("third"))), "EEXIST");
    assertEquals(await codeOf(() => files.link(inFolder("first"), inFolder("fourth"))), "ENOENT");
  });

  it("remove() removes a file or a link, not its target, and tells whether there was one", async () => {
    await writeFile(inFolder("file"), "text");
    await symlink(inFolder("file"), inFolder("link"));

    assertEquals(await files.remove(inFolder("link")), true);
    assertEquals(await files.readText(inFolder("file")), "text");
    assertEquals([await files.remove(inFolder("file")), await files.remove(inFolder("file"))], [true, false]);
  });

  it("makeDirectory() creates a directory and its parents, and leaves existing ones as they are", async () => {
    await files.makeDirectory(inFolder("a/b"), { mode: 0o700 });
    assertEquals(await files.inspect(inFolder("a")), { kind: "directory", mode: mode(0o700) });
    assertEquals(await files.inspect(inFolder("a/b")), { kind: "directory", mode: mode(0o700) });

    await chmod(inFolder("a"), 0o750);
    await files.makeDirectory(inFolder("a"), { mode: 0o700 });
    assertEquals(await files.inspect(inFolder("a")), { kind: "directory", mode: mode(0o750) });
  });

  it("makeDirectory() fails if a file is in the way", async () => {
    await writeFile(inFolder("file"), "");

    assertEquals(await codeOf(() => files.makeDirectory(inFolder("file"), { mode: 0o700 })), "EEXIST");
    assertEquals(
      await codeOf(() => files.makeDirectory(inFolder("file/inside"), { mode: 0o700 })),
      "ENOTDIR",
    );
  });

  it("list() returns the names in a directory, none if there is no directory", async () => {
    await writeFile(inFolder("one"), "");
    await files.makeDirectory(inFolder("two"), { mode: 0o700 });

    assertEquals((await files.list(folder.path)).sort(), ["one", "two"]);
    assertEquals(await files.list(inFolder("three")), []);
  });

  it("inspect() tells what is at a path, without following links", async () => {
    await writeFile(inFolder("file"), "");
    await symlink(inFolder("file"), inFolder("link"));

    assertEquals((await files.inspect(folder.path))?.kind, "directory");
    assertEquals((await files.inspect(inFolder("link")))?.kind, "link");
    assertEquals(await files.inspect(inFolder("nothing")), null);
    if (!isWindows) assertEquals((await files.inspect("/dev/null"))?.kind, "other");
  });

  it("realPath() resolves links, and fails with ENOENT if nothing is there", async () => {
    await writeFile(inFolder("file"), "");
    await symlink(inFolder("file"), inFolder("link"));

    assertEquals(await files.realPath(inFolder("link")), await files.realPath(inFolder("file")));
    assertEquals(await codeOf(() => files.realPath(inFolder("nothing"))), "ENOENT");
  });

  it("realPath() mistakes no file for another, and notices when one is replaced", async () => {
    const folderPath = await files.realPath(folder.path);
    await files.makeDirectory(inFolder("folder"), { mode: 0o700 });
    for (const name of ["tokens.json", "other.ts", "folder/index.json"]) {
      await writeFile(inFolder(name), "{}");
    }

    assertEquals(await codeOf(() => files.realPath(inFolder("tokens"))), "ENOENT");
    assertEquals(await codeOf(() => files.realPath(inFolder("other.js"))), "ENOENT");
    assertEquals(await files.realPath(inFolder("folder")), join(folderPath, "folder"));

    assertEquals(await files.realPath(inFolder("tokens.json")), join(folderPath, "tokens.json"));
    await files.rename(inFolder("tokens.json"), inFolder("moved.json"));
    assertEquals(await codeOf(() => files.realPath(inFolder("tokens.json"))), "ENOENT");
    await symlink(inFolder("moved.json"), inFolder("tokens.json"));
    assertEquals(await files.realPath(inFolder("tokens.json")), join(folderPath, "moved.json"));
  });

  it("realPath() fails with ENOENT if nothing is there, even on its first call", async () => {
    assertEquals(await codeOf(() => files.realPath(inFolder("nothing.json"))), "ENOENT");
  });

  it("realPath() resolves a link on its first call", async () => {
    await writeFile(inFolder("file"), "");
    await symlink(inFolder("file"), inFolder("link"));

    assertEquals(await files.realPath(inFolder("link")), join(await files.realPath(folder.path), "file"));
  });

  it("syncDirectory() flushes a directory, and fails with ENOENT if there is none", async () => {
    await files.syncDirectory(folder.path);

    if (!isWindows) assertEquals(await codeOf(() => files.syncDirectory(inFolder("nothing"))), "ENOENT");
  });
});
