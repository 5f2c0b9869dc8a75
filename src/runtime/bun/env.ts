import { builtin, process } from "../node/builtins.ts";
import { Bun } from "./api.ts";

interface FileSystem {
  readFileSync(path: string, encoding: "utf8"): string;
}

/** The files that Bun reads variables from by itself, in the directory that a program is started in. */
const DOTENV_FILES = [
  ".env",
  ".env.local",
  ".env.development",
  ".env.development.local",
  ".env.production",
  ".env.production.local",
  ".env.test",
  ".env.test.local",
];

let startDirectory: string | undefined;
let dotenv: string | undefined;

/** Says where the program was started: the dotenv files there are the ones that count. */
export function startedIn(directory: string): void {
  startDirectory = directory;
}

/**
 * An environment variable, unless a dotenv file of the working directory names it. Bun loads such files unasked, and so
 * a directory that came from a stranger could choose the browser, the token, or where credentials are stored. Bun does
 * not tell where a value comes from: named there, a variable is not taken from the true environment either.
 */
export function env(name: string): string | undefined {
  return (isTrusted(name) && process.env[name]) || undefined;
}

/**
 * The variables that another program is started with: with those of a stranger it might run what the stranger likes.
 */
export function trustedEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isTrusted(name)));
}

/** Whether no dotenv file names a variable, in capitals or not. */
export function isTrusted(name: string): boolean {
  dotenv ??= readDotenvFiles(startDirectory ?? process.cwd());
  if (!dotenv) return true;
  const escapedName = name.replaceAll(/\W/g, "\\$&");
  return !new RegExp(`(?<!\\w)${escapedName}(?!\\w)`, "i").test(dotenv);
}

function readDotenvFiles(directory: string): string {
  return DOTENV_FILES.map((file) => readDotenv(`${directory}/${file}`)).filter(Boolean).join("\n");
}

function readDotenv(path: string): string {
  if (Bun.file(path).size === 0) return ""; // Also where there is none: cheaper to ask than with `node:fs`.
  try {
    return builtin<FileSystem>("node:fs").readFileSync(path, "utf8");
  } catch {
    return ""; // A directory, or a file that Bun cannot read either.
  }
}
