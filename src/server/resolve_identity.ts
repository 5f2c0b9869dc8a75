import type { Identity } from "../core/identity.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import { lookUp } from "./look_up.ts";
import type { TokenInfo } from "./token_info.ts";

/** How an identity is resolved. */
export interface ResolveIdentityOptions {
  /** Whether Clerk is asked for more than the token says. */
  lookup: boolean;
  getClerk: () => Promise<ClerkClientLike>;
  timeoutMs: number;
}

/** Whom a verified token belongs to. Custom claims come under `claims`, where they can overwrite nothing. */
export async function resolveIdentity(info: TokenInfo, options: ResolveIdentityOptions): Promise<Identity> {
  const { subject, type, orgId, claims } = info;
  const profile = options.lookup ? await lookUp(subject, options) : {};
  return {
    ...profile,
    sub: subject,
    ...(orgId !== undefined && { org_id: orgId }),
    ...(type === "api_key" && claims && { claims }),
  };
}
