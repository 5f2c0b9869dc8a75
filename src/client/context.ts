import { fetchTransport, type Transport } from "../core/http.ts";
import type { JsonObject } from "../core/encoding.ts";
import type { TokenSet } from "../core/tokens.ts";
import type { KeptConnection, Runtime } from "../runtime/runtime.ts";
import { credentialFilePath } from "../storage/location.ts";
import type { BuiltInStoreKind } from "../storage/open_store.ts";
import type { ClientStore } from "../storage/store.ts";
import type { ProfileSelection, ResolvedConfig } from "./config.ts";
import type { AuthEvent } from "./events.ts";
import { DEFAULT_PROFILE } from "./resolve_config.ts";

/** What every part of the client works on. */
export interface ClientContext {
  /** With the selected profile. */
  readonly config: ResolvedConfig;
  readonly profile: ProfileSelection;
  readonly runtime: Runtime;
  readonly transport: Transport;
  /** Keeps a connection for the requests of one task. */
  keepConnection(): Promise<KeptConnection>;
  readonly store: ClientStore;
  readonly metadata: MetadataMemory;
  readonly memory: SessionMemory;
  /** Tells the program what happened. */
  emit(event: AuthEvent): void;
}

/** Selects the profile: by the program, the variable, the file, `profiles use`. It is read here if nobody chose any. */
async function selectProfile(
  config: ResolvedConfig,
  runtime: Runtime,
  defaultPath: string | undefined,
): Promise<ProfileSelection> {
  const { isProfilePinned, profile: name, profileEnvVar, profileFile } = config;
  if (isProfilePinned) return { name, source: "pinned" };
  const chosen = await readChosenProfile(config, runtime, defaultPath);
  if (chosen === null && !profileEnvVar && !profileFile) return { name: undefined, source: "default" };
  const { nameProfile } = await import("./profiles/name_profile.ts");
  return await nameProfile(config, runtime, chosen);
}

/** The credential file of the default profile; `undefined` if there is none. */
function defaultFilePath(
  { storage, clientId: application, environment }: ResolvedConfig,
  runtime: Runtime,
): string | undefined {
  if (storage === "memory") return undefined;
  try {
    return credentialFilePath(runtime, { application, environment });
  } catch (error) {
    if (typeof storage === "object") return undefined; // It may do without files.
    throw error;
  }
}

/** What `profiles use` wrote down, in a file beside the credentials. */
async function readChosenProfile(
  { storage }: ResolvedConfig,
  { files }: Runtime,
  defaultPath: string | undefined,
): Promise<string | null> {
  try {
    return defaultPath === undefined
      ? null
      : await files.readText(defaultPath.replace(/credentials(?=@[^/\\]*$)/, "chosen-profile"));
  } catch (error) {
    if (typeof storage === "object") return null; // Files may not be permitted.
    throw (await import("../storage/own_file.ts")).fileError("read", defaultPath!, error);
  }
}

/** What a context knows of the issuer's metadata: from the record, or because it has asked. */
interface MetadataMemory {
  latest: StoredMetadata | undefined;
}

/** A session that can be used. */
export interface LiveSession {
  kind: "live";
  tokens: TokenSet;
  /** When the tokens were saved, Unix time in milliseconds: a clock that shows less has been set back. */
  savedAt?: number;
  /** What the tokens are for, as it was granted (RFC 8707). */
  resource?: string;
  /** A refresh was begun and its response never saved: the refresh token may have been used up. */
  isRefreshing?: boolean;
}

/** What a context knows besides. */
interface SessionMemory {
  /** `replaces` is the access token that it was refreshed from, which is what is still stored. */
  unsaved?: { replaces: string; session: LiveSession };
  /** What is known of the issuer's device grant. */
  device?: DeviceGrantProbe;
}

/** What an issuer at Clerk's paths said about the device grant; kept in the record. */
export interface DeviceGrantProbe {
  /** When it was asked, Unix time in milliseconds. */
  askedAt: number;
  /** The device authorization endpoint; `null` if the grant is not offered. */
  endpoint: string | null;
}

/** What is kept of the issuer's metadata, in the record beside the tokens. */
export interface StoredMetadata {
  /** When it was fetched, Unix time in milliseconds. */
  fetchedAt: number;
  /** Its members as they came, checked again whenever they are used; `null` if the issuer has none. */
  document: JsonObject | null;
  /** Whether the issuer was ever known to name itself in its authorization responses; never taken back. */
  namesItself: boolean;
}

/** Opens the context of a configuration on a runtime. Only what it needs is loaded. */
export async function openContext(given: ResolvedConfig, runtime: Runtime): Promise<ClientContext> {
  const { storage } = given;
  const defaultPath = defaultFilePath(given, runtime);
  const selection = await selectProfile(given, runtime, defaultPath);
  const profile = selection.name;
  const config = { ...given, profile };
  const emit = (event: AuthEvent) => notify(config, event);
  /** The file may have come with the directory: nobody should act as another account without noticing. */
  const announceProfile = (name: string, path: string) => {
    emit({ type: "profile", name, path });
    if (config.ui === "auto" && runtime.terminal.isInteractive("stderr")) {
      runtime.terminal.write(`Using profile "${name}" (from ${path})\n`);
    }
  };
  const store = typeof storage === "object"
    ? (await import("../storage/custom_store.ts")).customStore(storage)
    : await openStoreAt(profile === undefined ? defaultPath : undefined, { config, runtime, emit });
  const transport = config.fetch ? fetchTransport(config.fetch) : runtime.transport;
  if (selection.path !== undefined) {
    announceProfile(selection.name ?? DEFAULT_PROFILE, selection.path);
  }
  return {
    config,
    profile: selection,
    runtime,
    transport,
    keepConnection: async () => config.fetch ? { transport, close() {} } : await runtime.keepConnection(),
    store,
    metadata: { latest: undefined },
    memory: {},
    emit,
  };
}

/** Opens the built-in store of a configuration, in a file other than its own if one is named. */
export async function openStoreAt(
  filePath: string | undefined,
  { config, runtime, emit }: Pick<ClientContext, "config" | "runtime" | "emit">,
): Promise<ClientStore> {
  const { clientId: application, environment, profile, issuer, keychainService, keychainFallback } = config;
  const { openBuiltInStore } = await import("../storage/open_store.ts");
  return await openBuiltInStore(config.storage as BuiltInStoreKind, {
    runtime,
    scope: { application, environment, profile },
    filePath,
    issuer,
    keychainService,
    keychainFallback,
    onDowngraded: ({ message }, path) => emit({ type: "downgraded", reason: message, path }),
  });
}

function notify({ onEvent }: ResolvedConfig, event: AuthEvent): void {
  try {
    onEvent?.(event);
  } catch {
    // A listener only listens: what it throws must not end a login or lose a refreshed token.
  }
}
