import {
  importKeyring,
  type Keyring,
  type KeyringBinding,
  LOADER_VARIABLES,
  loadUninfluenced,
  type ScriptCommand,
} from "../keyring.ts";
import type { DenoApi, PermissionDescriptor } from "./api.ts";
import { isPermitted } from "./files.ts";

declare const Deno: DenoApi;

export const keyring: Keyring = { load, scriptCommand };

async function load(): Promise<KeyringBinding> {
  const needed = neededPermissions();
  const missing = Object.keys(needed).filter((flag) => !isPermitted(needed[flag]!));
  if (missing.length > 0) {
    throw Object.assign(new Error(`Deno lacks the permissions ${missing.join(" ")}`), { code: "EACCES" });
  }
  await findInstalled();
  return await loadUninfluenced(Deno.env, importKeyring);
}

/**
 * Finds the installed binding by Node's rules if this is the npm package, as Deno then does. Otherwise the binding
 * comes from Deno's cache, where our own import put it.
 *
 * @throws {Error} `UNTRUSTED` if someone else could have put it there.
 */
async function findInstalled(): Promise<string | undefined> {
  if (!import.meta.url.includes("/node_modules/")) return undefined;
  return (await import("../node/find_keyring.ts")).findKeyring();
}

async function scriptCommand(script: string): Promise<ScriptCommand | null> {
  const command = Deno.execPath();
  if (Deno.build.standalone || !isPermitted({ name: "run", command })) return null;
  const path = JSON.stringify(await findInstalled());
  // With `--no-config`, Deno would import an installed file as an ES module, whatever it is.
  const binding = path
    ? `(await import("node:module")).createRequire(${path})(${path})`
    : '(await import("npm:@napi-rs/keyring@^2.1.2")).default';
  const prelude = `const loadKeyring = async () => {
    for (const name of ${JSON.stringify(LOADER_VARIABLES)}) Deno.env.delete(name);
    return ${binding};
  };`;
  return { command, args: ["eval", "--no-config", "--no-lock", "--cached-only", `${prelude}\n${script}`] };
}

/** Permissions of the binding's loader. Without them Deno would prompt, or the loader report a missing binding. */
function neededPermissions(): Record<string, PermissionDescriptor> {
  return {
    "--allow-ffi": { name: "ffi" },
    ...Object.fromEntries(
      LOADER_VARIABLES.map((variable) => [`--allow-env=${variable}`, { name: "env" as const, variable }]),
    ),
    ...(Deno.build.os === "linux" && { "--allow-read=/usr/bin/ldd": { name: "read", path: "/usr/bin/ldd" } }),
  };
}
