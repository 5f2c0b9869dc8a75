// Mutants are tried in a worker thread that stays. This is run there before each file of tests.
import process from "node:process";
import { inject } from "vitest";

// The last mutant must not be there while a file is loaded that tests the next one.
const stryker = globalThis[inject("globalNamespace") ?? ""];
if (stryker) stryker.activeMutant = undefined;

// In a thread, the umask can only be read.
const umask = process.umask();
process.umask = () => umask;

// Making an RSA key takes longer than most tests do. A few that take turns are as good as new ones.
const KEYS = 8;
const { subtle } = crypto;
const keys = globalThis.keysOfMutants ??= { make: subtle.generateKey.bind(subtle), made: [], next: 0 };

subtle.generateKey = (algorithm, ...rest) => {
  if (algorithm.name !== "RSASSA-PKCS1-v1_5") return keys.make(algorithm, ...rest);
  const turn = keys.next++ % KEYS;
  return keys.made[turn] ??= keys.make(algorithm, ...rest);
};

// What is computed when a module is loaded is not computed again for a mutant, so no mutant of it can be noticed. Loading
// all modules before the first test has Stryker see that, also of those that are imported when they are needed.
const modules = import.meta.glob("./src/*/**/*.ts");
for (const [path, load] of Object.entries(modules)) {
  if (path.startsWith(`./src/${process.env.MUTATE_FOLDER}/`)) await load();
}
