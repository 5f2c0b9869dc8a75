/** The part of `@napi-rs/keyring` that is used: the operating system's keychain, called natively. */
export interface KeyringBinding {
  readonly AsyncEntry: new (service: string, username: string, options: EntryOptions) => KeyringEntry;
}

/** Which store an entry is in, if the system has several. */
interface EntryOptions {
  readonly linux: { readonly store: "secret-service" };
}

/** One item of the keychain. */
interface KeyringEntry {
  getPassword(): Promise<string | null>;
  setPassword(password: string): Promise<void>;
}

/** A command that runs a script as a separate process. */
export interface ScriptCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** How a runtime gets the native keychain binding. */
export interface Keyring {
  /**
   * Loads the binding. If the runtime does not permit this, it rejects with `EACCES` and does not prompt; if the optional
   * package is not installed, with the runtime's own error.
   */
  load(): Promise<KeyringBinding>;
  /**
   * The command that runs a script on this same runtime, with a function `loadKeyring()` that promises the binding;
   * `null` if there is no such command, as in a compiled program.
   */
  scriptCommand(script: string): Promise<ScriptCommand | null>;
}

/** Access to a runtime's environment variables. */
interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  delete(name: string): void;
}

/**
 * Variables that make the binding's loader use another library. Bun sets them from the `.env` file of whatever directory
 * a program starts in.
 */
export const LOADER_VARIABLES: readonly string[] = [
  "NAPI_RS_NATIVE_LIBRARY_PATH",
  "NAPI_RS_FORCE_WASI",
  "NAPI_RS_WASI_FLAVOR",
];

/** Loads the binding while none of the loader's variables is set. */
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
