import { ClerkCliAuthError } from "../../core/errors.ts";
import { usesColor } from "../../core/text.ts";
import { durationText } from "../../core/time.ts";
import type { ClientContext } from "../context.ts";

/** What a login shows on standard error: everything on a terminal, only the URL elsewhere. */
export interface LoginTerminal {
  /** Shows the URL and what happens next, and starts waiting. Without a terminal, only if a browser opens. */
  showUrl(url: string, options: { opensBrowser: boolean }): void;
  /** Explains what to do. */
  explain(lines: readonly string[]): void;
  /** Warns about a problem. */
  warn(text: string): void;
  /** Shows what the login is waiting for now. */
  showWaiting(label: string): void;
  /** Removes the status line. */
  close(): void;
}

export function loginTerminal(
  { config, runtime }: ClientContext,
  timeoutMs: number = config.loginTimeoutMs,
): LoginTerminal {
  if (config.ui !== "auto") return SILENT;
  const { terminal } = runtime;
  const write = (text: string) => terminal.write(text);
  const toWhat = config.appName ? ` to ${config.appName}` : "";
  const intent = (opensBrowser: boolean) =>
    opensBrowser
      ? `Opening your browser to sign in${toWhat}. If it does not open, go to:`
      : `To sign in${toWhat}, open this URL in a browser:`;
  if (!terminal.isInteractive("stderr")) {
    const waiting = `Waiting up to ${durationText(timeoutMs)} for you to sign in …`;
    return {
      ...SILENT,
      showUrl: (url, { opensBrowser }) =>
        opensBrowser ? write(`${intent(true)}\n\n${url}\n\n${waiting}\n`) : undefined,
    };
  }
  const style = terminalStyle(usesColor((name) => runtime.env(name), true));
  const canRedraw = isCapable(runtime.env("TERM"), runtime.platform);
  const endsAt = runtime.now() + timeoutMs;
  let line: StatusLine | undefined;
  const showWaiting = (label: string) => {
    if (!canRedraw) return write(`${label} …\n`);
    line?.stop();
    line = new StatusLine({ label, endsAt }, {
      write,
      columns: () => terminal.columns(),
      now: () => runtime.now(),
      dim: style.dim,
    });
    line.start();
  };
  const say = (text: string) => line ? line.writeAbove(text) : write(text);
  return {
    explain: (lines) => say(`${lines.map((text) => `  ${text}\n`).join("")}\n`),
    warn: (text) => say(`${style.yellow("!")} ${text}\n`),
    showUrl(url, { opensBrowser }) {
      const shown = canRedraw ? style.link(url) : url;
      write(`${style.bold(intent(opensBrowser))}\n\n${shown}\n\n`);
      showWaiting("Waiting for you to sign in");
    },
    showWaiting,
    close: () => line?.stop(),
  };
}

const SILENT: LoginTerminal = {
  showUrl() {},
  explain() {},
  warn() {},
  showWaiting() {},
  close() {},
};

/** Reports whether the terminal understands escape sequences. Windows sets no `TERM`, but its terminals do. */
function isCapable(term: string | undefined, platform: string): boolean {
  return term === undefined ? platform === "windows" : term !== "dumb" && term !== "linux";
}

interface TerminalStyle {
  bold(text: string): string;
  dim(text: string): string;
  yellow(text: string): string;
  /** A clickable URL that stays whole when the terminal wraps it (OSC 8). */
  link(url: string): string;
}

function terminalStyle(hasColor: boolean): TerminalStyle {
  const sgr = (start: number, end: number) => (text: string) =>
    hasColor ? `\x1b[${start}m${text}\x1b[${end}m` : text;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    yellow: sgr(33, 39),
    link: (url) => hasColor ? `\x1b]8;;${url}\x1b\\${url}\x1b]8;;\x1b\\` : url,
  };
}

/** Returns the error of a login that timed out. */
export function nobodySignedIn(timeoutMs: number, besides = ""): ClerkCliAuthError {
  return new ClerkCliAuthError("timeout", `Timed out after ${durationText(timeoutMs)}${besides}`, {
    action: "Start the login again",
    retryable: true,
  });
}

/** What a status line needs. */
interface StatusLineSurroundings {
  /** Writes to the terminal. */
  write(text: string): void;
  /** The current width of the terminal. */
  columns(): number;
  /** The current Unix time in milliseconds. */
  now(): number;
  /** Dims text. */
  dim(text: string): string;
}

interface Status {
  label: string;
  /** When the wait ends, in Unix milliseconds. */
  endsAt: number;
}

const FRAMES = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
const FRAME_MS = 100;

/** Returns to the start of the line and clears everything after it. */
const CLEAR = "\r\x1b[J";

/**
 * The last line of a terminal, redrawn during a wait, with the time left. It is narrower than the terminal.
 * If the terminal shrinks, all the rows it then occupies are cleared.
 */
export class StatusLine {
  readonly #surroundings: StatusLineSurroundings;
  readonly #status: Status;
  #timer: ReturnType<typeof setInterval> | undefined;
  #frame = 0;
  #drawnWidth = 0;

  constructor(status: Status, surroundings: StatusLineSurroundings) {
    this.#status = status;
    this.#surroundings = surroundings;
  }

  /** Draws the line repeatedly. */
  start(): void {
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
  }

  /** Writes text above the line. */
  writeAbove(text: string): void {
    this.#surroundings.write(this.#clear() + text);
    this.#draw();
  }

  /** Removes the line. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#surroundings.write(this.#clear());
  }

  #draw(): void {
    const { write, columns, dim } = this.#surroundings;
    const frame = FRAMES[this.#frame++ % FRAMES.length]!;
    const room = columns() - 1;
    const label = `${frame} ${this.#status.label}`.slice(0, room);
    const left = `  ${this.#timeLeft()} left`.slice(0, room - label.length);
    const clear = this.#clear();
    this.#drawnWidth = label.length + left.length;
    write(clear + label + dim(left));
  }

  #clear(): string {
    const rows = Math.ceil(this.#drawnWidth / this.#surroundings.columns());
    this.#drawnWidth = 0;
    return rows > 1 ? `\x1b[${rows - 1}A${CLEAR}` : CLEAR;
  }

  #timeLeft(): string {
    const seconds = Math.max(0, Math.ceil((this.#status.endsAt - this.#surroundings.now()) / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}
