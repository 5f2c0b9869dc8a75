/**
 * For programs in a terminal: they tell the test each time the terminal starts or stops hiding what is typed. None of
 * their deadlines fires.
 */
import "./no_deadlines.ts";
import { writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import { hiddenMark } from "../../harness/hidden_marks.ts";

type SetRaw = (raw: boolean, ...rest: unknown[]) => unknown;

function marking(setRaw: SetRaw): SetRaw {
  return function (this: unknown, raw, ...rest) {
    const result = setRaw.call(this, raw, ...rest);
    writeSync(1, hiddenMark(raw));
    return result;
  };
}

const { Deno } = globalThis as { Deno?: { stdin: { setRaw: SetRaw } } };
if (Deno) Deno.stdin.setRaw = marking(Deno.stdin.setRaw);
else ReadStream.prototype.setRawMode = marking(ReadStream.prototype.setRawMode) as ReadStream["setRawMode"];
