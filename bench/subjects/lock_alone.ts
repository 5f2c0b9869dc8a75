/** Takes and releases a lock that nobody else wants, in several ways, in turns. */
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { openLocks } from "./locks/locks.ts";
import { finish, readArguments } from "./support/arguments.ts";
import { contest } from "./support/contest.ts";

const [folder, rounds] = readArguments<[string, number]>();
const exclusive = join(folder, "floor.lock");

/** Whoever may have to wait must not block the process. */
async function createExclusively(): Promise<void> {
  await (await open(exclusive, "wx")).close();
  await rm(exclusive);
}

finish(await contest({ floor: createExclusively, ...await openLocks(folder) }, { rounds, calls: 20 }));
