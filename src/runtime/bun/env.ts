import { builtin, process } from "../node/builtins.ts";
import { Bun } from "./api.ts";

interface FileSystem {
  readFileSync(path: string, encoding: "utf8"): string;
}

/** The files from which Bun reads variables by itself, in the directory in which a program starts. */
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
 * An environment variable, unless a dotenv file in the working directory names it. Bun loads such files unasked, so a
 * directory from a stranger could choose the browser, the token, or where credentials are stored. Bun does not say where
 * a value comes from: a variable that is named there is not read from the real environment either.
 */
export function env(name: string): string | undefined {
  return (isTrusted(name) && process.env[name]) || undefined;
}

/**
 * The variables to start another program with: a stranger's could make it run anything.
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
  if (Bun.file(path).size === 0) return ""; // Also if there is none: cheaper to ask than `node:fs`.
  try {
    return builtin<FileSystem>("node:fs").readFileSync(path, "utf8");
  } catch {
    return ""; // A directory, or a file that Bun cannot read either.
  }
}
