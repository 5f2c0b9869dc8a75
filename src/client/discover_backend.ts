import { ClerkCliAuthError } from "../core/errors.ts";
import { exchange, fetchTransport } from "../core/http.ts";
import { parseHttpsUrl, parseIssuer } from "../core/issuer.ts";
import { readResourceMetadata, resourceMetadataRequest } from "../core/resource_metadata.ts";
import { loadRuntime } from "../runtime/load.ts";
import type { ClerkCliAuthConfig } from "./config.ts";

/** Options of `ClerkCliAuth.discover()`: the limits of what a backend may decide, and further configuration. */
export interface DiscoverOptions extends Partial<ClerkCliAuthConfig> {
  /** The issuers that the backend may send the user to. No other is ever used. */
  allowedIssuers: readonly string[];
  /** Cancels the discovery. */
  signal?: AbortSignal;
}

/** Gets the configuration of a sign-in from a backend. The given configuration takes precedence. */
export async function discoverConfig(
  address: string | URL,
  { allowedIssuers, signal, ...config }: DiscoverOptions,
): Promise<ClerkCliAuthConfig> {
  if (!Array.isArray(allowedIssuers) || allowedIssuers.length === 0) {
    throw new ClerkCliAuthError("config", "'allowedIssuers' must name at least one issuer");
  }
  const resource = parseHttpsUrl(String(address), "resource");
  const response = await exchange(resourceMetadataRequest(resource), {
    transport: config.fetch ? fetchTransport(config.fetch) : (await loadRuntime()).transport,
    step: "network",
    endpointName: "The backend",
    timeoutMs: config.requestTimeoutMs ?? 30_000,
    signal,
  });
  const found = readResourceMetadata(response, { resource, allowedIssuers: allowedIssuers.map(parseIssuer) });
  const clientId = config.clientId ?? found.clientId;
  if (clientId === undefined) {
    throw new ClerkCliAuthError("config", `The metadata of "${resource.href}" names no client ID`, {
      action: "Configure 'clientId', or have the backend name it as 'clerk_cli_client_id'",
    });
  }
  return {
    identityEndpoint: resource.href,
    resource: found.resource,
    ...(found.scopes && { scopes: found.scopes }),
    ...config,
    issuer: found.issuer,
    clientId,
  };
}
