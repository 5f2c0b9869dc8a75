/** Takes and releases a lock that nobody else wants, in several ways, in turns. */
import { open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createCredentialStore } from "@clerk/cli-auth";
import { lock } from "npm:proper-lockfile@4.1.2";
import { finish, readArguments } from "./support/arguments.ts";
import { contest } from "./support/contest.ts";

const [folder, rounds] = readArguments<[string, number]>();
const store = createCredentialStore("file", { filePath: join(folder, "own.json") });
const { signal } = new AbortController();
const peer = join(folder, "peer.json");
await writeFile(peer, "");
const exclusive = join(folder, "floor.lock");

finish(
  await contest({
    async floor() {
      await (await open(exclusive, "wx")).close();
      await rm(exclusive);
    },
    own: () => store.withLock!(() => Promise.resolve(), { signal }),
    async properLockfile() {
      await (await lock(peer))();
    },
  }, { rounds, calls: 20 }),
);
