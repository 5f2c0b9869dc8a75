/** The part of `@napi-rs/keyring` that is used. */
export interface KeyringBinding {
  readonly AsyncEntry: new (service: string, username: string, options: EntryOptions) => KeyringEntry;
}

interface EntryOptions {
  readonly linux: { readonly store: "secret-service" };
}

interface KeyringEntry {
  getPassword(): Promise<string | null>;
  setPassword(password: string): Promise<void>;
}

/** A command that runs a script in a separate process. */
export interface ScriptCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** How a runtime gets the native keychain binding. */
export interface Keyring {
  /**
   * Loads the binding. Rejects with `EACCES`, without a prompt, if the runtime does not permit it, and with the
   * runtime's own error if the optional package is not installed.
   */
  load(): Promise<KeyringBinding>;
  /**
   * Returns the command that runs a script on the same runtime, with a function `loadKeyring()` that resolves to the
   * binding; `null` if there is no such command, as in a compiled program.
   */
  scriptCommand(script: string): Promise<ScriptCommand | null>;
}

/** A runtime's environment variables. */
interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  delete(name: string): void;
}

/**
 * Variables that make the binding's loader use another library. Bun sets them from the `.env` file of whatever
 * directory a program starts in.
 */
export const LOADER_VARIABLES: readonly string[] = [
  "NAPI_RS_NATIVE_LIBRARY_PATH",
  "NAPI_RS_FORCE_WASI",
  "NAPI_RS_WASI_FLAVOR",
];

/** Loads the binding with the loader's variables unset. */
export async function loadUninfluenced(
  variables: Variables,
  load: () => Promise<KeyringBinding>,
): Promise<KeyringBinding> {
  const values = LOADER_VARIABLES.map((name) => [name, variables.get(name)] as const)
    .filter((variable): variable is readonly [string, string] => variable[1] !== undefined);
  for (const [name] of values) variables.delete(name);
  try {
    return await load();
  } finally {
    for (const [name, value] of values) variables.set(name, value);
  }
}

/** Imports the binding by a literal specifier, so that bundlers and compilers find it. */
export async function importKeyring(): Promise<KeyringBinding> {
  return (await import("npm:@napi-rs/keyring@^2.1.2")).default;
}
