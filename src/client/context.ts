import { fetchTransport, type Transport } from "../core/transport.ts";
import { loadRuntime } from "../runtime/load.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { CredentialStore } from "../storage/credential_store.ts";
import type { ResolvedConfig } from "./config.ts";
import type { AuthEvent } from "./events.ts";

/** What every part of the client works on. */
export interface ClientContext {
  readonly config: ResolvedConfig;
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly store: CredentialStore;
  /** Tells the program what happened. */
  emit(event: AuthEvent): void;
}

/** Makes the context of a configuration; what it does not need is not loaded. */
export async function createContext(config: ResolvedConfig): Promise<ClientContext> {
  const runtime = await loadRuntime();
  const emit = (event: AuthEvent) => notify(config, event);
  return {
    config,
    runtime,
    transport: config.fetch ? fetchTransport(config.fetch) : runtime.transport,
    store: await openStore(config, runtime, emit),
    emit,
  };
}

async function openStore(
  config: ResolvedConfig,
  runtime: Runtime,
  emit: ClientContext["emit"],
): Promise<CredentialStore> {
  const { storage, clientId, environment } = config;
  if (typeof storage === "object") return storage;
  const { openBuiltInStore } = await import("../storage/open_built_in_store.ts");
  return openBuiltInStore(storage, {
    runtime,
    scope: { application: clientId, environment },
    onSetAside: (from, to) => emit({ type: "set_aside", from, to }),
  });
}

function notify({ onEvent }: ResolvedConfig, event: AuthEvent): void {
  try {
    onEvent?.(event);
  } catch {
    // A listener only listens: what it throws must not end a login or lose a refreshed token.
  }
}
