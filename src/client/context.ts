import { fetchTransport, type Transport } from "../core/http.ts";
import type { JsonObject } from "../core/encoding.ts";
import type { TokenSet } from "../core/tokens.ts";
import type { KeptConnection, Runtime } from "../runtime/runtime.ts";
import { credentialFilePath } from "../storage/location.ts";
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

/**
 * Selects the profile: by the program, the variable, the file, `profiles use`. If nobody chose any, only a file beside the
 * credentials is read, where `profiles use` writes. It comes with the path of the default profile's credentials, if that was
 * needed.
 */
async function selectProfile(
  config: ResolvedConfig,
  runtime: Runtime,
): Promise<{ selection: ProfileSelection; defaultPath?: string | undefined }> {
  const { isProfilePinned, profile: name, profileEnvVar, profileFile, storage } = config;
  if (isProfilePinned) return { selection: { name, source: "pinned" } };
  const defaultPath = defaultFilePath(config, runtime);
  const chosenPath = defaultPath?.replace(/credentials(?=@[^/\\]*$)/, "chosen-profile");
  const chosen = chosenPath === undefined
    ? null
    : await runtime.files.readText(chosenPath).catch(async (error) => {
      if (typeof storage === "object") return null; // Files may not be permitted.
      throw (await import("../storage/own_file.ts")).fileError("read", defaultPath!, error);
    });
  if (chosen === null && !profileEnvVar && !profileFile) {
    return { selection: { name: undefined, source: "default" }, defaultPath };
  }
  const { nameProfile } = await import("./profiles/name_profile.ts");
  return { selection: await nameProfile(config, runtime, chosen), defaultPath };
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
  const { storage, clientId: application, environment } = given;
  const { selection, defaultPath } = await selectProfile(given, runtime);
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
    : await (await import("../storage/open_store.ts")).openBuiltInStore(storage, {
      ...config,
      runtime,
      scope: { application, environment, profile },
      filePath: profile === undefined ? defaultPath : undefined,
      onDowngraded: ({ message }, path) => emit({ type: "downgraded", reason: message, path }),
    });
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

function notify({ onEvent }: ResolvedConfig, event: AuthEvent): void {
  try {
    onEvent?.(event);
  } catch {
    // A listener only listens: what it throws must not end a login or lose a refreshed token.
  }
}
