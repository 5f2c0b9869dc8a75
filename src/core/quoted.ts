import { printable } from "./printable.ts";

/** A value that was configured, for the message that refuses it: on one line, and not at length. */
export function quoted(value: unknown): string {
  if (typeof value === "string") return `"${printable(value, 200)}"`;
  // An object's own text might be anything, or an error of its own.
  return Object(value) === value ? Object.prototype.toString.call(value) : String(value);
}
