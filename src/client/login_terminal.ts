import { usesColor } from "../core/uses_color.ts";
import type { ClientContext } from "./context.ts";
import { StatusLine } from "./status_line.ts";

/** What a login shows on standard error: at length at a terminal, in a line elsewhere, nothing where nobody asked. */
export interface LoginTerminal {
  /** Shows where to sign in, and that the login waits for it. */
  showUrl(url: string): void;
  /** Says that a browser was opened. */
  showOpened(): void;
  /** Explains what to do. */
  explain(lines: readonly string[]): void;
  /** Says what is not as it should be. */
  warn(text: string): void;
  /** Says what the login waits for by now. */
  showWaiting(label: string): void;
  /** Takes away what shows the waiting. */
  close(): void;
}

/** Makes the terminal of a login. */
export function loginTerminal({ config, runtime }: ClientContext): LoginTerminal {
  const { terminal } = runtime;
  const isTerminal = terminal.isInteractive("stderr");
  const write = config.ui === "auto" ? (text: string) => terminal.write(text) : () => {};
  const toWhat = config.appName ? ` to ${config.appName}` : "";
  if (!isTerminal) {
    return { ...SILENT, showOpened: () => write(`Opened a browser to sign in${toWhat}\n`) };
  }
  const style = terminalStyle(usesColor((name) => runtime.env(name), isTerminal));
  const canRedraw = config.ui === "auto" && isCapable(runtime.env("TERM"), runtime.platform);
  const endsAt = runtime.now() + config.loginTimeoutMs;
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
    showUrl(url) {
      const shown = canRedraw ? style.link(url) : url;
      write(`${style.bold(`Sign in${toWhat} in your browser:`)}\n\n${shown}\n\n`);
      showWaiting("Waiting for you to sign in");
    },
    showOpened() {},
    showWaiting,
    close: () => line?.stop(),
  };
}

const SILENT: LoginTerminal = {
  showUrl() {},
  showOpened() {},
  explain() {},
  warn() {},
  showWaiting() {},
  close() {},
};

/** Whether the terminal understands more than plain text. Windows sets no `TERM`, and its terminals do. */
function isCapable(term: string | undefined, platform: string): boolean {
  return term === undefined ? platform === "windows" : term !== "dumb" && term !== "linux";
}

interface TerminalStyle {
  bold(text: string): string;
  dim(text: string): string;
  yellow(text: string): string;
  /** An address that can be clicked, as a whole also where the terminal wraps it (OSC 8). */
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
