import {
  importKeyring,
  type Keyring,
  type KeyringBinding,
  LOADER_VARIABLES,
  loadUninfluenced,
  type ScriptCommand,
} from "../keyring.ts";
import type { DenoApi, PermissionDescriptor } from "./api.ts";
import { isPermitted } from "./permission.ts";

declare const Deno: DenoApi;

/** {@linkcode Keyring} in Deno. */
export const keyring: Keyring = { load, scriptCommand };

async function load(): Promise<KeyringBinding> {
  const needed = neededPermissions();
  const missing = Object.keys(needed).filter((flag) => !isPermitted(needed[flag]!));
  if (missing.length > 0) {
    throw Object.assign(new Error(`Deno lacks the permissions ${missing.join(" ")}`), { code: "EACCES" });
  }
  return await loadUninfluenced(Deno.env, importKeyring);
}

/** The package comes from the cache, where our own import has put it. */
// deno-lint-ignore require-await -- what Deno throws must be a rejection
async function scriptCommand(script: string): Promise<ScriptCommand | null> {
  const command = Deno.execPath();
  if (Deno.build.standalone || !isPermitted({ name: "run", command })) return null;
  const prelude = `const loadKeyring = async () => {
    for (const name of ${JSON.stringify(LOADER_VARIABLES)}) Deno.env.delete(name);
    return (await import("npm:@napi-rs/keyring@^2.1.2")).default;
  };`;
  return { command, args: ["eval", "--no-config", "--no-lock", "--cached-only", `${prelude}\n${script}`] };
}

/** What the binding's loader uses. Without it, Deno would prompt, or the loader would report a missing binding. */
function neededPermissions(): Record<string, PermissionDescriptor> {
  return {
    "--allow-ffi": { name: "ffi" },
    ...Object.fromEntries(
      LOADER_VARIABLES.map((variable) => [`--allow-env=${variable}`, { name: "env" as const, variable }]),
    ),
    ...(Deno.build.os === "linux" && { "--allow-read=/usr/bin/ldd": { name: "read", path: "/usr/bin/ldd" } }),
  };
}
