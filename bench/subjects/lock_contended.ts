/** Takes a lock many times that others want as well, whenever it is told which. */
import process from "node:process";
import { type LockName, openLocks } from "./locks/locks.ts";
import { readArguments } from "./support/arguments.ts";
import { eachStart, report } from "./support/barrier.ts";

const [folder, times] = readArguments<[string, number]>();
const locks = await openLocks(folder);
for await (const name of eachStart()) {
  const take = locks[name as LockName];
  for (let time = 0; time < times; time++) await take();
  report(null);
}
process.exit();
