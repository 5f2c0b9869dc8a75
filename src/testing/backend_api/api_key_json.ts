import type { Instance } from "../instance.ts";
import type { EmulatedApiKey } from "../machine_entities.ts";

/** An API key as the Backend API writes it, without its secret. */
export function apiKeyJson(apiKey: EmulatedApiKey, instance: Instance): Record<string, unknown> {
  return {
    object: "api_key",
    id: apiKey.id,
    type: "api_key",
    subject: apiKey.subject,
    name: apiKey.name,
    description: apiKey.description,
    claims: apiKey.claims,
    scopes: apiKey.scopes,
    revoked: apiKey.revoked,
    revocation_reason: apiKey.revocationReason,
    expired: isExpired(apiKey, instance),
    expiration: apiKey.expiration,
    created_by: apiKey.createdBy,
    last_used_at: apiKey.lastUsedAt,
    created_at: apiKey.createdAt,
    updated_at: apiKey.updatedAt,
  };
}

/** Whether the lifetime of an API key is over. */
export function isExpired({ expiration }: EmulatedApiKey, instance: Instance): boolean {
  return expiration !== null && expiration <= instance.now();
}
