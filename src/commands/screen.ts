import { usesColor } from "../core/text.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** A stream that a command writes to. */
export interface OutputStream {
  /** Writes text unchanged. */
  write(text: string): unknown;
  /**
   * Whether it is a terminal.
   * @default false
   */
  readonly isTerminal?: boolean;
}

/** A stream that a command reads from. */
export interface InputStream {
  /**
   * Reads a line without its ending; `null` at the end. With `hidden`, a terminal does not show the input.
   * `signal` stops waiting.
   */
  readLine(options?: { hidden?: boolean; signal?: AbortSignal }): Promise<string | null>;
  /**
   * Whether it is a terminal.
   * @default false
   */
  readonly isTerminal?: boolean;
}

/** The streams of a command, by default those of the process. */
export interface CommandIo {
  /** Receives the requested data, and nothing else. */
  stdout?: OutputStream;
  /** Receives messages for the user. */
  stderr?: OutputStream;
  /** Read if a flag says so, or to ask the user. */
  stdin?: InputStream;
}

/** All the streams. */
export type ResolvedIo = Required<CommandIo>;

/** Fills in the streams of the process. */
export function resolveIo(io: CommandIo, { terminal }: Runtime): ResolvedIo {
  return {
    stdout: io.stdout ?? standardOutput("stdout"),
    stderr: io.stderr ?? standardOutput("stderr"),
    stdin: io.stdin ?? {
      readLine: (options) => terminal.readLine(options),
      isTerminal: terminal.isInteractive("stdin"),
    },
  };

  function standardOutput(stream: "stdout" | "stderr"): OutputStream {
    return { write: (text) => terminal.write(text, stream), isTerminal: terminal.isInteractive(stream) };
  }
}

/** Masks a token, keeping the prefix that tells its kind. */
export function maskedToken(token: string): string {
  const [prefix = ""] = /^(?:[a-z]{2,4}_|eyJ)/.exec(token) ?? [];
  return `${prefix}********`;
}

/** What a command shows: data on standard output, messages on standard error. */
export interface Screen {
  /** Shows a line of plain text. */
  say(text: string): void;
  /** Shows that something was done. */
  done(text: string): void;
  /** Shows a warning. */
  warn(text: string): void;
  /** Shows an error. */
  fail(text: string): void;
  /** Writes a line of data. */
  data(text: string): void;
  /** Writes data as JSON. */
  json(value: unknown): void;
  /** Writes data as JSON, on one line. */
  jsonLine(value: unknown): void;
}

const GREEN = 32;
const YELLOW = 33;
const RED = 31;

/** Shortens paths below the home directory to `~`. */
export function shortenPaths(text: string, env: (name: string) => string | undefined): string {
  const home = env("HOME") ?? env("USERPROFILE");
  if (!home || home === "/") return text;
  return text.replaceAll(`${home}/`, "~/").replaceAll(`${home}\\`, "~\\");
}

/** Creates a screen. Terminals get colors unless the user opts out. */
export function createScreen(
  { stdout, stderr }: ResolvedIo,
  env: (name: string) => string | undefined,
): Screen {
  const hasColor = usesColor(env, stderr.isTerminal === true);
  const mark = (symbol: string, color: number) => hasColor ? `\x1b[${color}m${symbol}\x1b[0m` : symbol;
  const say = (text: string) => void stderr.write(`${shortenPaths(text, env)}\n`);
  return {
    say,
    done: (text) => say(`${mark("✓", GREEN)} ${text}`),
    warn: (text) => say(`${mark("!", YELLOW)} ${text}`),
    fail: (text) => say(`${mark("✗", RED)} ${text}`),
    data: (text) => void stdout.write(`${text}\n`),
    json: (value) => void stdout.write(`${plainJson(value, 2)}\n`),
    jsonLine: (value) => void stdout.write(`${plainJson(value)}\n`),
  };
}

/** Formats JSON, escaping characters that control terminals or reorder text, which `JSON.stringify` keeps. */
function plainJson(value: unknown, indentation?: number): string {
  return JSON.stringify(value, null, indentation).replaceAll(/(?!\n)[\p{Cc}\p{Cf}]/gu, escaped);
}

function escaped(character: string): string {
  return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

const UNITS: readonly (readonly [unit: "day" | "hour" | "minute" | "second", ms: number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** Formats a time in words: "in 23 hours", "5 minutes ago". */
export function timeText(at: number, now: number): string {
  const ms = at - now;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(ms) >= size) ?? ["second", 1000];
  return new Intl.RelativeTimeFormat("en").format(Math.trunc(ms / size), unit);
}
