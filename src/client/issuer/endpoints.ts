import { clerkMetadata, type Endpoints, type IssuerMetadata } from "../../core/issuer.ts";
import type { ClientContext } from "../context.ts";
import type { MetadataOptions } from "./discovery.ts";

/**
 * Returns the issuer's metadata, discovered or assumed from Clerk's paths.
 *
 * @throws {ClerkCliAuthError} `network`, `timeout`, `config` or `cancelled` from discovery.
 */
export async function issuerMetadata(
  context: ClientContext,
  options: MetadataOptions = {},
): Promise<IssuerMetadata> {
  const { endpoints, issuer } = context.config;
  if (endpoints === "clerk") return clerkMetadata(issuer);
  const { discoverMetadata } = await import("./discovery.ts");
  return await discoverMetadata(context, options);
}

export async function issuerEndpoints(
  context: ClientContext,
  options: MetadataOptions = {},
): Promise<Endpoints> {
  return (await issuerMetadata(context, options)).endpoints;
}
