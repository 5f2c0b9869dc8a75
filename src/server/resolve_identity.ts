import type { Identity } from "../core/identity.ts";
import type { ProfileLookup } from "./profile_lookup.ts";
import type { TokenInfo } from "./token_info.ts";

/** Whom a verified token belongs to. Custom claims come under `claims`, where they can overwrite nothing. */
export async function resolveIdentity(
  info: TokenInfo,
  profiles: ProfileLookup | undefined,
): Promise<Identity> {
  const { subject, type, orgId, claims } = info;
  return {
    ...await profiles?.lookUp(subject),
    sub: subject,
    ...(orgId !== undefined && { org_id: orgId }),
    ...(type === "api_key" && claims && { claims }),
  };
}
