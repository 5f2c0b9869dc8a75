/** Takes a lock many times that others want as well. */
import { join } from "node:path";
import { createCredentialStore } from "@clerk/cli-auth";
import { lock } from "npm:proper-lockfile@4.1.2";
import { finish, readArguments } from "./support/arguments.ts";
import { waitForStart } from "./support/barrier.ts";

const [folder, name, times] = readArguments<[string, "own" | "properLockfile", number]>();
const store = createCredentialStore("file", { filePath: join(folder, "own.json") });
const { signal } = new AbortController();
const retries = { forever: true, minTimeout: 1, maxTimeout: 20 };

const TAKE = {
  own: () => store.withLock!(() => Promise.resolve(), { signal }),
  properLockfile: async () => await (await lock(join(folder, "peer.json"), { retries }))(),
};

await waitForStart();
for (let time = 0; time < times; time++) await TAKE[name]();
finish(null);
