/** The part of `@napi-rs/keyring` that is used: the operating system's keychain, called natively. */
export interface KeyringBinding {
  readonly AsyncEntry: new (service: string, username: string, options: EntryOptions) => KeyringEntry;
}

/** Which store an entry is in, where the system has several. */
export interface EntryOptions {
  readonly linux: { readonly store: "secret-service" };
}

/** One item of the keychain. */
export interface KeyringEntry {
  getPassword(): Promise<string | null>;
  setPassword(password: string): Promise<void>;
}

/** A command that runs a script in a process of its own. */
export interface ScriptCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

/** How this runtime comes to the native keyring. */
export interface Keyring {
  /**
   * Loads the binding. Where the runtime does not permit this, it rejects with `EACCES` and does not prompt; where the
   * optional package is not installed, with what the runtime says then.
   */
  load(): Promise<KeyringBinding>;
  /**
   * The command that runs a script with a function `loadKeyring()` at hand, on this same runtime; `null` where it is
   * not known or not permitted to run it, as in a compiled program.
   */
  scriptCommand(script: string): Promise<ScriptCommand | null>;
}

/** The variables that make the binding's loader take another library: Bun reads them from any folder's `.env`. */
export const LOADER_VARIABLES: readonly string[] = [
  "NAPI_RS_NATIVE_LIBRARY_PATH",
  "NAPI_RS_FORCE_WASI",
  "NAPI_RS_WASI_FLAVOR",
  "NAPI_RS_ENFORCE_VERSION_CHECK",
];

/** Environment variables as a runtime gives them. */
export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  delete(name: string): void;
}

/** Loads the binding while none of the loader's variables is set. */
export async function loadUninfluenced(
  variables: Variables,
  load: () => Promise<KeyringBinding>,
): Promise<KeyringBinding> {
  const values = LOADER_VARIABLES.flatMap((name) => {
    const value = variables.get(name);
    return value === undefined ? [] : [{ name, value }];
  });
  for (const { name } of values) variables.delete(name);
  try {
    return await load();
  } finally {
    for (const { name, value } of values) variables.set(name, value);
  }
}

/**
 * Imports the binding. The specifier is a literal one so that whoever bundles or compiles a program finds it.
 */
export async function importKeyring(): Promise<KeyringBinding> {
  const { default: binding } = await import("npm:@napi-rs/keyring@^2.1.2");
  return binding;
}
