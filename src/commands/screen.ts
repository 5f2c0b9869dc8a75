import { usesColor } from "../core/text.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** Where a command writes. */
export interface OutputStream {
  /** Writes text as it is. */
  write(text: string): unknown;
  /**
   * Whether a person sees it.
   * @default false
   */
  readonly isTerminal?: boolean;
}

/** Where a command reads. */
export interface InputStream {
  /**
   * Reads one line, without its ending; `null` at the end. With `hidden`, a terminal does not show what is typed. An
   * abort of `signal` ends the waiting.
   */
  readLine(options?: { hidden?: boolean; signal?: AbortSignal }): Promise<string | null>;
  /**
   * Whether a person types there.
   * @default false
   */
  readonly isTerminal?: boolean;
}

/** The streams of a command. Those left out are the standard streams of the process. */
export interface CommandIo {
  /** Receives the data that was asked for, and nothing else. */
  stdout?: OutputStream;
  /** Receives everything that is for people. */
  stderr?: OutputStream;
  /** Read if a flag says so, or to ask a person. */
  stdin?: InputStream;
}

/** The streams, complete. */
export type ResolvedIo = Required<CommandIo>;

/** Fills in the standard streams of the process. */
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

/** A token that can be recognized but not used: the prefix of its kind, and asterisks. */
export function maskedToken(token: string): string {
  const [prefix = ""] = /^(?:[a-z]{2,4}_|eyJ)/.exec(token) ?? [];
  return `${prefix}********`;
}

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
  /** Data as JSON, on one line. */
  jsonLine(value: unknown): void;
}

const GREEN = 32;
const YELLOW = 33;
const RED = 31;

/** A text in which paths below the home directory start with `~`. */
export function shortenPaths(text: string, env: (name: string) => string | undefined): string {
  const home = env("HOME") ?? env("USERPROFILE");
  if (!home || home === "/") return text;
  return text.replaceAll(`${home}/`, "~/").replaceAll(`${home}\\`, "~\\");
}

/** Creates a screen on the streams; terminals get colours unless the person says otherwise. */
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

/** JSON leaves characters alone that terminals read as commands or that change the order of others. */
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

/** A time in words: "in 23 hours", "5 minutes ago". */
export function timeText(at: number, now: number): string {
  const ms = at - now;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(ms) >= size) ?? ["second", 1000];
  return new Intl.RelativeTimeFormat("en").format(Math.trunc(ms / size), unit);
}
