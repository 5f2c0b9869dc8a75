import type { AccessToken } from "../grants.ts";
import type { Instance } from "../instance.ts";

/** Whether an access token is good now. */
export function isActive({ authorization, revoked, expiresAt }: AccessToken, instance: Instance): boolean {
  const { grant } = authorization;
  return !revoked && !grant.revoked && expiresAt > instance.now() && instance.users.has(grant.userId);
}
