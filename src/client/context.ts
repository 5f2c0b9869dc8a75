import { fetchTransport, type Transport } from "../core/http.ts";
import { loadRuntime } from "../runtime/load.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type BuiltInStore, type CredentialStore, isShared, type SharedStore } from "../storage/store.ts";
import type { ResolvedConfig } from "./config.ts";
import type { AuthEvent } from "./events.ts";
import type { MetadataMemory } from "./session/record.ts";

/** What every part of the client works on. */
export interface ClientContext {
  readonly config: ResolvedConfig;
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly store: CredentialStore;
  /** The same store, where it is one of ours. */
  readonly builtIn: BuiltInStore | undefined;
  /** The same store, where it is one of ours that other processes use too. */
  readonly shared: SharedStore | undefined;
  readonly metadata: MetadataMemory;
  /** Tells the program what happened. */
  emit(event: AuthEvent): void;
}

/** Makes the context of a configuration, on this runtime unless another is given; what it does not need is not loaded. */
export async function createContext(config: ResolvedConfig, other?: Runtime): Promise<ClientContext> {
  const runtime = other ?? await loadRuntime();
  const emit = (event: AuthEvent) => notify(config, event);
  return {
    config,
    runtime,
    transport: config.fetch ? fetchTransport(config.fetch) : runtime.transport,
    ...await openStore(config, runtime, emit),
    metadata: { latest: undefined },
    emit,
  };
}

async function openStore(
  { storage, issuer, clientId, environment, profile, ...config }: ResolvedConfig,
  runtime: Runtime,
  emit: ClientContext["emit"],
): Promise<Pick<ClientContext, "store" | "builtIn" | "shared">> {
  if (typeof storage === "object") return { store: storage, builtIn: undefined, shared: undefined };
  const { openBuiltInStore } = await import("../storage/open_store.ts");
  const store = await openBuiltInStore(storage, {
    runtime,
    scope: { application: clientId, environment, profile },
    issuer,
    keychainService: config.keychainService,
    keychainFallback: config.keychainFallback,
    onSetAside: (from, to) => emit({ type: "set_aside", from, to }),
    onDowngraded: ({ message }, path) => emit({ type: "downgraded", reason: message, path }),
  });
  return { store, builtIn: store, shared: isShared(store) ? store : undefined };
}

function notify({ onEvent }: ResolvedConfig, event: AuthEvent): void {
  try {
    onEvent?.(event);
  } catch {
    // A listener only listens: what it throws must not end a login or lose a refreshed token.
  }
}
