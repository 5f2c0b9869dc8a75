import { fetchTransport, type Transport } from "../core/http.ts";
import type { JsonObject } from "../core/encoding.ts";
import type { TokenSet } from "../core/tokens.ts";
import type { KeptConnection, Runtime } from "../runtime/runtime.ts";
import { credentialFilePath, FILE_KIND } from "../storage/location.ts";
import type { ClientStore } from "../storage/store.ts";
import type { ProfileSelection, ResolvedConfig } from "./config.ts";
import type { AuthEvent } from "./events.ts";
import { DEFAULT_PROFILE } from "./resolve_config.ts";

/** What all parts of the client share. */
export interface ClientContext {
  /** The configuration, with the selected profile. */
  readonly config: ResolvedConfig;
  readonly profile: ProfileSelection;
  readonly runtime: Runtime;
  readonly transport: Transport;
  /** Opens a connection for the requests of one task. */
  keepConnection(): Promise<KeptConnection>;
  readonly store: ClientStore;
  readonly metadata: MetadataMemory;
  readonly memory: SessionMemory;
  /** Reports an event to the program. */
  emit(event: AuthEvent): void;
}

/**
 * Selects the profile: from the program, the variable, the file or `profiles use`. Returns the path of the
 * default profile's credentials, too, if it was needed.
 */
async function selectProfile(
  config: ResolvedConfig,
  runtime: Runtime,
): Promise<{ selection: ProfileSelection; defaultPath?: string | undefined }> {
  const { isProfilePinned, profile: name, profileEnvVar, profileFile, storage } = config;
  if (isProfilePinned) return { selection: { name, source: "pinned" } };
  const defaultPath = defaultFilePath(config, runtime);
  const chosenPath = defaultPath?.replace(FILE_KIND, "chosen-profile");
  const chosen = chosenPath === undefined
    ? null
    : await runtime.files.readText(chosenPath).catch(async (error) => {
      if (typeof storage === "object") return null; // Files may not be permitted.
      throw (await import("../storage/own_file.ts")).fileError("read", chosenPath, error);
    });
  if (chosen === null && !profileEnvVar && !profileFile) {
    return { selection: { name: undefined, source: "default" }, defaultPath };
  }
  const { nameProfile } = await import("./profiles/name_profile.ts");
  return { selection: await nameProfile(config, runtime, chosen), defaultPath };
}

/** Returns the credential file of the default profile; `undefined` if there is none. */
function defaultFilePath(
  { storage, clientId: application, environment }: ResolvedConfig,
  runtime: Runtime,
): string | undefined {
  if (storage === "memory") return undefined;
  try {
    return credentialFilePath(runtime, { application, environment });
  } catch (error) {
    if (typeof storage === "object") return undefined; // It may not need files.
    throw error;
  }
}

/** The issuer's metadata that a context knows, from the record or a request. */
interface MetadataMemory {
  latest: StoredMetadata | undefined;
}

/** A session with tokens. */
export interface LiveSession {
  kind: "live";
  tokens: TokenSet;
  /** When the tokens were saved, in Unix milliseconds. A clock that shows less was set back. */
  savedAt?: number;
  /** The resource that the tokens are for, as granted (RFC 8707). */
  resource?: string;
  /** A refresh started and its response was never saved, so the refresh token may be used up. */
  isRefreshing?: boolean;
}

/** What else a context knows. */
interface SessionMemory {
  /** A session that could not be saved; `replaces` is the access token that is still stored. */
  unsaved?: { replaces: string; session: LiveSession };
  /** The result of looking for the issuer's device grant. */
  device?: DeviceGrantProbe;
}

/** What an issuer at Clerk's paths says about the device grant; kept in the record. */
export interface DeviceGrantProbe {
  /** When it was asked, in Unix milliseconds. */
  askedAt: number;
  /** The device authorization endpoint; `null` if the issuer does not offer the grant. */
  endpoint: string | null;
}

/** The issuer's metadata as stored with the tokens. */
export interface StoredMetadata {
  /** When it was fetched, in Unix milliseconds. */
  fetchedAt: number;
  /** Its fields as received, checked at every use; `null` if the issuer has none. */
  document: JsonObject | null;
  /** Whether the issuer ever sent `iss` in its authorization responses; never reset. */
  namesItself: boolean;
}

/** Opens the context of a configuration. Loads only what it needs. */
export async function openContext(given: ResolvedConfig, runtime: Runtime): Promise<ClientContext> {
  const { storage, clientId: application, environment } = given;
  const { selection, defaultPath } = await selectProfile(given, runtime);
  const profile = selection.name;
  const config = { ...given, profile };
  const emit = (event: AuthEvent) => notify(config, event);
  /** The file may have come with the directory: nobody should use another account without noticing. */
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
    // A listener that throws must not end a login or lose a refreshed token.
  }
}
