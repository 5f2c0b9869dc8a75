/** Text of foreign origin made fit for a message: on one line, without control characters, at most `length` long. */
export function printable(text: string, length: number): string {
  const clean = text.slice(0, 4 * length).replaceAll(/[\p{C}\p{Z}]+/gu, " ").trim();
  return clean.length > length ? `${cut(clean, length - 1)}…` : clean;
}

/** Cuts a text, but no character in half. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

/** A value that was configured, for the message that refuses it: on one line, and not at length. */
export function quoted(value: unknown): string {
  if (typeof value === "string") return `"${printable(value, 200)}"`;
  // An object's own text might be anything, or an error of its own.
  return Object(value) === value ? Object.prototype.toString.call(value) : String(value);
}

/**
 * Whether text may carry escape sequences: on a terminal that understands them, unless `NO_COLOR` is set
 * (https://no-color.org). `FORCE_COLOR` (https://force-color.org) decides where it is set, also against both.
 */
export function usesColor(env: (name: string) => string | undefined, isTerminal: boolean): boolean {
  const forced = env("FORCE_COLOR");
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal && env("NO_COLOR") === undefined && env("TERM") !== "dumb";
}
