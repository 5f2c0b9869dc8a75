/** Gives a number from 0 up to, and not including, `limit`. */
export type Random = (limit: number) => number;

/** What JSON holds. */
type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const NUMBERS = [0, 1, -1, 255, 256, 65_536, 2 ** 31, 2 ** 53, 1e21, 0.5];

/**
 * Changes one place of an input. What is a text stays one, what is a number stays one, and no member comes or goes, so
 * that the target can still take it.
 *
 * @param input The input.
 * @param random Where chance comes from.
 * @param words Texts to put in.
 * @returns The changed input; the given one stays as it is.
 */
export function changedInput(input: unknown, random: Random, words: readonly string[]): unknown {
  return changed(input as Json, random, words);
}

function changed(value: Json, random: Random, words: readonly string[]): Json {
  if (typeof value === "string") return changedText(value, random, words);
  if (typeof value === "number") {
    return random(2) === 0 ? NUMBERS[random(NUMBERS.length)]! : value + random(7) - 3;
  }
  if (typeof value === "boolean") return !value;
  if (value === null) return value;
  if (Array.isArray(value)) return changedList(value, random, words);
  const names = Object.keys(value);
  const name = names[random(names.length)];
  return name === undefined ? value : { ...value, [name]: changed(value[name]!, random, words) };
}

function changedList(list: Json[], random: Random, words: readonly string[]): Json[] {
  if (list.length === 0) return list;
  const at = random(list.length);
  const how = random(4);
  if (how === 0) return list.toSpliced(at, 1);
  if (how === 1) return list.toSpliced(at, 0, list[random(list.length)]!);
  return list.with(at, changed(list[at]!, random, words));
}

function changedText(text: string, random: Random, words: readonly string[]): string {
  const at = random(text.length + 1);
  const end = Math.min(text.length, at + random(4));
  const piece = [
    () => "",
    () => String.fromCharCode(random(0x80)),
    () => String.fromCharCode(random(0x1_0000)),
    () => words[random(words.length)] ?? "",
    () => text.slice(random(text.length + 1)).slice(0, 1 + random(16)),
    () => (text[at] ?? "a").repeat(1 << random(10)),
  ][random(6)]!();
  return text.slice(0, at) + piece + text.slice(random(2) === 0 ? at : end);
}

/** The texts in an input, to be put into others. */
export function textsIn(input: unknown): string[] {
  if (typeof input === "string") return [input];
  return typeof input === "object" && input !== null ? Object.values(input).flatMap(textsIn) : [];
}
