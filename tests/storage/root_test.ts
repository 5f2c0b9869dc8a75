import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { chown, mkdir, readdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createCredentialStore } from "@clerk/cli-auth";
import { type Files, loadRuntime } from "../doors/runtime.ts";
import { credentialLock } from "../doors/storage.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const ROOT = { missing: process.getuid?.() === 0 ? undefined : "it must run as root" };

/** Another user, `nobody` on most systems, and a group. */
const [UID, GID] = [65_534, 12_345];

let temporary: TemporaryFolder;
let home: string;
let files: Files;
beforeEach(async () => {
  temporary = await makeTemporaryFolder();
  home = join(temporary.path, "home");
  await mkdir(home);
  ({ files } = await loadRuntime());
});
afterEach(() => temporary.remove());

/** Owners of everything under the home directory, by path. */
async function owners(): Promise<Record<string, [uid: number, gid: number]>> {
  const paths = (await readdir(home, { recursive: true })).sort();
  const entries = await Promise.all(paths.map(async (path) => {
    const { uid, gid } = await stat(join(home, path));
    return [path, [uid, gid]] as [string, [number, number]];
  }));
  return Object.fromEntries(entries);
}

describe("root in a user's home directory", () => {
  beforeEach(() => process.getuid?.() === 0 ? chown(home, UID, GID) : undefined);

  itWith(ROOT, "leaves directories, records and locks that belong to the user", async () => {
    const filePath = join(home, "app", "cli", "credentials.json");
    const store = createCredentialStore("file", { filePath });
    await store.set("tokens", "{}");
    await store.set("tokens", "{}");
    const runtime = await loadRuntime();
    await credentialLock({ runtime, path: filePath }).withLock(async () => {
      const names = Object.keys(await owners());
      const live = names.find((name) => name.endsWith(".live"));
      const expected = [
        ...["app", "app/cli", "app/cli/credentials.json", "app/cli/credentials.json.lock"],
        ...["app/cli/credentials.json.lock/1", live!],
      ];
      assertEquals(await owners(), Object.fromEntries(expected.map((name) => [name, [UID, GID]])));
    }, { signal: new AbortController().signal });
  });

  itWith(ROOT, "gives away no file that it did not create, and changes nobody's directory", async () => {
    await mkdir(join(home, "theirs"));
    await symlink(join(home, "theirs"), join(home, "link"));
    await files.makeDirectory(join(home, "theirs"), { mode: 0o700 });
    await files.makeDirectory(join(home, "link"), { mode: 0o700 });
    assertEquals((await owners()).theirs, [0, 0]);
  });
});

describe("root in its own directory", () => {
  itWith(ROOT, "keeps what it creates", async () => {
    await files.makeDirectory(join(home, "app"), { mode: 0o700 });
    await files.createExclusive(join(home, "app", "file"), "", { mode: 0o600 });
    assertEquals(await owners(), { app: [0, 0], "app/file": [0, 0] });
  });
});
