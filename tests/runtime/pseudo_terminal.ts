import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { hiddenMark } from "../harness/hidden_marks.ts";
import { commandOf, OWN_RUNTIME } from "../harness/program.ts";
import type { Requirement } from "../harness/requirement.ts";

/** `script` of util-linux gives a program a terminal. Other systems' `script` takes other options. */
export const PSEUDO_TERMINAL: Requirement = {
  missing: spawnSync("script", ["--version"]).stdout?.includes("util-linux")
    ? undefined
    : "a pseudo-terminal needs 'script' of util-linux: apt-get install bsdutils",
};

export interface TerminalOptions {
  args: string[];
  /** Permissions on Deno. @default ["-A"] */
  permissions?: string[];
  /** Added to the test's environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
  cwd?: string;
}

/** A program in its own terminal. */
export interface TerminalSession {
  type(keys: string): void;
  /** Resolves once the terminal hides what is typed. */
  untilHidden(): Promise<void>;
  /** Changes the terminal's width; the program gets a SIGWINCH. */
  resize(columns: number): void;
  /** Everything the terminal has shown so far. */
  screen(): string;
  /** Resolves once the screen shows a text after the one last found; rejects if it ends before. */
  waitFor(text: string): Promise<void>;
  /** Resolves once a condition holds, checked whenever the screen changes; rejects if it ends before. */
  waitUntil(isSo: () => boolean): Promise<void>;
  /** Everything the terminal showed, including echoed input, once the program has ended. */
  ended: Promise<string>;
}

/**
 * Starts `tests/programs/NAME.ts` in a pseudo-terminal. At the end, the terminal shows its exit code (`[exit 0]`) and
 * whether its settings are restored (`[restored]`).
 */
export function startInTerminal(
  name: string,
  { args, permissions = ["-A"], env = {}, cwd }: TerminalOptions,
): TerminalSession {
  const start = commandOf(name, { runtime: OWN_RUNTIME, permissions, preload: "mark_hidden" });
  const command = [...start, ...args].map(quote).join(" ");
  // The shell outlives a Ctrl-C, to report what the program left behind.
  const script = `trap : INT TERM HUP; before=$(stty -g); ${command}; echo "[exit $?]"; ` +
    `[ "$(stty -g)" = "$before" ] && echo "[restored]"`;
  const child = spawn("script", ["-qefc", script, "/dev/null"], {
    env: { ...process.env, ...env, SHELL: "/bin/sh" },
    ...(cwd !== undefined && { cwd }),
  });
  let written = "";
  let screen = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
    screen = [true, false].reduce((text, isHidden) => text.replaceAll(hiddenMark(isHidden), ""), written);
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(screen));
  });
  const waitUntil = (isSo: () => boolean, what = "what it was to show") =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!isSo()) return;
        child.stdout.off("data", look);
        resolve();
      };
      child.stdout.on("data", look);
      ended.then(() => reject(new Error(`The program ended before it showed ${what}:\n${screen}`)), reject);
      look();
    });
  return {
    type: (keys) => void child.stdin.write(keys),
    untilHidden: () =>
      waitUntil(() => written.lastIndexOf(hiddenMark(true)) > written.lastIndexOf(hiddenMark(false))),
    resize(columns) {
      const [shell] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
      spawnSync("stty", ["-F", `/proc/${shell}/fd/0`, "cols", String(columns)]);
    },
    screen: () => screen,
    ended,
    waitUntil,
    waitFor: (text) =>
      waitUntil(() => {
        const found = screen.indexOf(text, seen);
        if (found !== -1) seen = found + text.length;
        return found !== -1;
      }, `'${text}'`),
  };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
