import type { EmulatedApplication, EmulatedUser } from "./entities.ts";
import type { Instance } from "./instance.ts";

/** Whose grants are meant, and to which application; all without a filter. */
export interface GrantFilter {
  /** The user who granted. */
  user?: EmulatedUser;
  /** The application to which was granted. */
  application?: EmulatedApplication;
}

/** Revokes grants; returns how many. */
export function revokeGrants({ grants }: Instance, { user, application }: GrantFilter): number {
  const matching = [...grants].filter(({ userId, clientId, revoked }) =>
    !revoked && userId === (user?.id ?? userId) && clientId === (application?.clientId ?? clientId)
  );
  for (const grant of matching) grant.revoked = true;
  return matching.length;
}

/** Ends the lifetime of every access token. */
export function expireAccessTokens({ accessTokens, now }: Instance): void {
  for (const accessToken of accessTokens.values()) accessToken.expiresAt = now();
}
