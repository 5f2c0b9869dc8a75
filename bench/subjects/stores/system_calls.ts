import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { type Operations, VALUE } from "./operations.ts";

/** A file that is never seen half written. */
export function systemCalls(path: string): Operations {
  return {
    set() {
      const file = openSync(`${path}.new`, "w", 0o600);
      writeSync(file, VALUE);
      fsyncSync(file);
      closeSync(file);
      renameSync(`${path}.new`, path);
    },
    get: () => JSON.parse(readFileSync(path, "utf8")),
    delete: () => rmSync(path, { force: true }),
  };
}
