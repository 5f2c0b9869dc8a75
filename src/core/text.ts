/** Makes untrusted text safe for a message: one line, no control characters, at most `length` characters. */
export function printable(text: string, length: number): string {
  const clean = text.slice(0, 4 * length).replaceAll(/[\p{C}\p{Z}]+/gu, " ").trim();
  return clean.length > length ? `${cut(clean, length - 1)}…` : clean;
}

/** Cuts a text without splitting a surrogate pair. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

/** Formats an invalid configuration value for a message. */
export function quoted(value: unknown): string {
  if (typeof value === "string") return `"${printable(value, 200)}"`;
  // The object's own `toString` could return anything, or throw.
  return Object(value) === value ? Object.prototype.toString.call(value) : String(value);
}

/**
 * Reports whether output may contain ANSI escape sequences: on a terminal that supports them, unless
 * `NO_COLOR` is set (https://no-color.org). `FORCE_COLOR` overrides both (https://force-color.org).
 */
export function usesColor(env: (name: string) => string | undefined, isTerminal: boolean): boolean {
  const forced = env("FORCE_COLOR");
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal && env("NO_COLOR") === undefined && env("TERM") !== "dumb";
}
