/** Text of foreign origin made fit for a message: on one line, without control characters, at most `length` long. */
export function printable(text: string, length: number): string {
  const clean = text.slice(0, 4 * length).replaceAll(/[\p{C}\p{Z}]+/gu, " ").trim();
  return clean.length > length ? `${cut(clean, length - 1)}…` : clean;
}

/** Cuts a text, but no character in half. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}
