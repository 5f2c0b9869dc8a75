import { importKeyring, type Keyring, type KeyringBinding, loadUninfluenced } from "../keyring.ts";
import { builtin, process } from "./builtins.ts";

const PACKAGE = "@napi-rs/keyring";

interface Require {
  (specifier: string): unknown;
  resolve(specifier: string): string;
}

/** {@linkcode Keyring} in Node. */
export const keyring: Keyring = {
  load: () => loadUninfluenced(variables, load),
  scriptCommand,
};

const variables = {
  get: (name: string) => process.env[name],
  set: (name: string, value: string) => void (process.env[name] = value),
  delete: (name: string) => void delete process.env[name],
};

/** An import takes three times as long as `require`; it is left to those who bundle their program. */
async function load(): Promise<KeyringBinding> {
  try {
    return requireHere()(PACKAGE) as KeyringBinding;
  } catch {
    return await importKeyring();
  }
}

/** The runtime's own program, unless this is one that merely contains it (a single executable application). */
// deno-lint-ignore require-await -- Deno's has to wait
async function scriptCommand(script: string): Promise<{ command: string; args: string[]; env: Record<string, string> } | null> {
  return null;
}

function requireHere(): Require {
  return builtin<{ createRequire(from: string): Require }>("node:module").createRequire(import.meta.url);
}
