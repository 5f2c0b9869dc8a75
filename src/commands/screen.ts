import { usesColor } from "../core/uses_color.ts";
import type { ResolvedIo } from "./io.ts";

/** What a command shows: data on standard output, everything for people on standard error. */
export interface Screen {
  /** A line of plain text. */
  say(text: string): void;
  /** Something was done. */
  done(text: string): void;
  /** Something deserves attention. */
  warn(text: string): void;
  /** Something failed. */
  fail(text: string): void;
  /** A line of data. */
  data(text: string): void;
  /** Data as JSON. */
  json(value: unknown): void;
}

const GREEN = 32;
const YELLOW = 33;
const RED = 31;

/** Makes a screen of the streams; colours are for terminals, unless the person has said else. */
export function createScreen(
  { stdout, stderr }: ResolvedIo,
  env: (name: string) => string | undefined,
): Screen {
  const hasColor = usesColor(env, stderr.isTerminal === true);
  const mark = (symbol: string, color: number) => hasColor ? `\x1b[${color}m${symbol}\x1b[0m` : symbol;
  const say = (text: string) => void stderr.write(`${text}\n`);
  return {
    say,
    done: (text) => say(`${mark("✓", GREEN)} ${text}`),
    warn: (text) => say(`${mark("!", YELLOW)} ${text}`),
    fail: (text) => say(`${mark("✗", RED)} ${text}`),
    data: (text) => void stdout.write(`${text}\n`),
    json: (value) => void stdout.write(`${plainJson(value)}\n`),
  };
}

/** JSON leaves characters as they are that terminals take for commands or that turn the order of others. */
function plainJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/(?!\n)[\p{Cc}\p{Cf}]/gu, escaped);
}

function escaped(character: string): string {
  return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}
