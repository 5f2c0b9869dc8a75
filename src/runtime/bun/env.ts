import { builtin, process } from "../node/builtins.ts";
import { Bun } from "./api.ts";

interface FileSystem {
  readFileSync(path: string, encoding: "utf8"): string;
}

/** Files in the start directory that Bun reads variables from by itself. */
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

/** Sets the directory whose dotenv files count. */
export function startedIn(directory: string): void {
  startDirectory = directory;
}

/**
 * Reads an environment variable, unless a dotenv file in the start directory names it. Bun loads such files unasked, so
 * a stranger's directory could choose the browser, the token, or where credentials are stored. As Bun does not tell
 * where a value comes from, a variable named there is not read from the real environment either.
 */
export function env(name: string): string | undefined {
  return (isTrusted(name) && process.env[name]) || undefined;
}

/** Variables to start another program with. A stranger's could make it run anything. */
export function trustedEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isTrusted(name)));
}

/** Whether no dotenv file names a variable, in any case. */
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
  if (Bun.file(path).size === 0) return ""; // Also if there is no file. Cheaper than `node:fs`.
  try {
    return builtin<FileSystem>("node:fs").readFileSync(path, "utf8");
  } catch {
    return ""; // A directory, or a file that Bun cannot read either.
  }
}
