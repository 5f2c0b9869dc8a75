import {
  importKeyring,
  type Keyring,
  type KeyringBinding,
  LOADER_VARIABLES,
  loadUninfluenced,
  type ScriptCommand,
} from "../keyring.ts";
import { process } from "./builtins.ts";

export const keyring: Keyring = {
  load: () => loadUninfluenced(variables, load),
  scriptCommand: (script) => scriptCommand(script, { program: /^node/, flags: ["--input-type=commonjs"] }),
};

export const variables = {
  get: (name: string): string | undefined => process.env[name],
  set: (name: string, value: string): void => void (process.env[name] = value),
  delete: (name: string): void => void delete process.env[name],
};

interface ScriptOptions {
  /** Matches the program's name. Any other program is an application that contains the runtime, and runs no script. */
  program: RegExp;
  flags?: readonly string[];
}

/** Returns the command that runs a script with `require`. */
export async function scriptCommand(
  script: string,
  { program, flags = [] }: ScriptOptions,
): Promise<ScriptCommand | null> {
  const command = process.execPath;
  const path = (await import("./find_keyring.ts")).findKeyring();
  if (!program.test(command.split(/[\\/]/).at(-1) ?? "") || path === undefined) return null;
  const prelude = `const loadKeyring = async () => {
    for (const name of ${JSON.stringify(LOADER_VARIABLES)}) delete process.env[name];
    return require(${JSON.stringify(path)});
  };`;
  return { command, args: [...flags, "-e", `${prelude}\n${script}`] };
}

/** Importing takes three times as long, but works in a bundle. */
export async function load(): Promise<KeyringBinding> {
  const { findKeyring, requireFrom } = await import("./find_keyring.ts");
  const path = findKeyring();
  return path === undefined ? await importKeyring() : requireFrom(path)(path) as KeyringBinding;
}
