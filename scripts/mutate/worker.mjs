// Mutants are tried in a worker thread that stays, where the umask can only be read.
import process from "node:process";

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
