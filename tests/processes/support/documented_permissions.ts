import { assert } from "@std/assert";
import { readFile } from "node:fs/promises";
import process from "node:process";

/** One use of a permission, as Deno records it (`DENO_AUDIT_PERMISSIONS`). */
export interface PermissionUse {
  permission: string;
  value: string;
}

/** The permissions that the guide to Deno lists. */
export interface DocumentedPermissions {
  /** The flags that grant them. */
  flags: string[];
  /** Returns the uses that they do not cover. */
  uncovered(uses: readonly PermissionUse[]): string[];
}

/** What the guide tells its reader to insert and add. */
export interface Reader {
  /** The home directory. */
  home: string;
  /** The environment variables of the program itself. */
  variables?: string[];
  /** The files of the program itself. */
  files?: string[];
}

/** Deno imports from JSR, and records that, without needing permission. */
const JSR = process.env.JSR_URL || "https://jsr.io/";

const GUIDE = new URL("../../../docs/deno_cli.md", import.meta.url);

/** Reads the narrow list from the guide. The issuer and the backend of a test are at 127.0.0.1, which it includes. */
export async function documentedPermissions(
  { home, variables = [], files = [] }: Reader,
): Promise<DocumentedPermissions> {
  const command = /^deno run \\\n([\s\S]*?) \\\n {2}cli\.ts$/m.exec(await readFile(GUIDE, "utf8"))?.[1];
  assert(command, "the guide shows a command with permissions");
  const granted = new Map(
    command.split("\\\n").map((line): [string, string[]] => {
      const flag = line.trim().replaceAll('"', "").replaceAll("$HOME", home);
      const [, name = "", values] = /^--allow-([a-z]+)(?:=(.+))?$/.exec(flag) ?? [];
      return [name, values?.split(",").filter((value) => value !== "your-app.clerk.accounts.dev") ?? []];
    }),
  );
  granted.get("env")!.push(...variables);
  granted.get("read")!.push(...files);
  return {
    flags: [...granted].map(([name, values]) =>
      `--allow-${name}${values.length > 0 ? `=${values.join(",")}` : ""}`
    ),
    uncovered: (uses) =>
      uses.filter((use) => !isCovered(use, granted)).map(({ permission, value }) => `${permission} ${value}`),
  };
}

function isCovered(
  { permission, value }: PermissionUse,
  granted: ReadonlyMap<string, readonly string[]>,
): boolean {
  if (permission === "import") return hostOf(value) === hostOf(JSR);
  const values = granted.get(permission);
  if (!values) return false;
  if (permission === "net") return values.includes(hostOf(value));
  // Deno records every opening of a file as both.
  const paths = [...granted.get("read")!, ...granted.get("write")!];
  if (permission === "read" || permission === "write") return paths.some((path) => isWithin(path, value));
  return values.length === 0 || values.includes(value);
}

function hostOf(value: string): string {
  const url = value.includes("://") ? value : `http://${value}`;
  return URL.canParse(url) ? new URL(url).hostname : "";
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
