import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { commandOf, type ProgramResult, QUICKEST_RUNTIME, runProgram } from "../../harness/program.ts";
import type { PermissionUse } from "./documented_permissions.ts";

/** How a program ended on Deno, and which permissions it used or tried to use. */
export interface AuditedResult extends ProgramResult {
  uses: PermissionUse[];
}

/** How to run a program. */
export interface AuditedOptions {
  /** Its user's home directory. */
  home: string;
  /** The flags that grant permissions. */
  permissions: string[];
  args?: string[];
  env?: Record<string, string | undefined>;
}

/** An environment in which a browser is opened, wherever the test runs. */
const AT_A_DESK: Readonly<Record<string, string | undefined>> = {
  DISPLAY: ":0",
  BROWSER: undefined,
  CI: undefined,
  CODESPACES: undefined,
  KUBERNETES_SERVICE_HOST: undefined,
  SSH_CLIENT: undefined,
  SSH_CONNECTION: undefined,
  SSH_TTY: undefined,
};

/** Puts a browser that signs in into a directory where `xdg-open` is looked for. */
export async function installBrowser(folder: string): Promise<void> {
  const browser = commandOf("scripted_browser", { runtime: QUICKEST_RUNTIME, permissions: ["-A"] });
  const path = join(folder, "xdg-open");
  const script = `#!/bin/sh\nunset DENO_AUDIT_PERMISSIONS\nexec ${browser.join(" ")} ada@example.com "$@"\n`;
  await writeFile(path, script);
  await chmod(path, 0o755);
}

/** Runs `tests/programs/NAME.ts` on Deno as a separate user, and never lets it prompt. */
export async function runAudited(
  name: string,
  { home, permissions, args = [], env = {} }: AuditedOptions,
): Promise<AuditedResult> {
  const audit = join(home, "audit.jsonl");
  await rm(audit, { force: true });
  const result = await runProgram(name, {
    runtime: "deno",
    permissions: [...permissions, "--no-prompt"],
    args,
    cwd: home,
    env: {
      ...env,
      HOME: home,
      XDG_CONFIG_HOME: undefined,
      PATH: `${home}${delimiter}${process.env.PATH}`,
      // Deno's downloads stay where they are, whatever the home directory.
      DENO_DIR: process.env.DENO_DIR ?? join(homedir(), ".cache", "deno"),
      DENO_AUDIT_PERMISSIONS: audit,
      ...AT_A_DESK,
    },
  });
  const lines = (await readFile(audit, "utf8")).split("\n").filter(Boolean);
  return { ...result, uses: lines.map((line) => JSON.parse(line)) };
}
