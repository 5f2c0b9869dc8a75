import { randomToken } from "../../core/random.ts";
import type { EmulatedUser } from "../entities.ts";
import type { Grant } from "../grants.ts";
import { randomIdentifier } from "../identifiers.ts";
import type { Instance } from "../instance.ts";
import type { AuthorizationRequest } from "./authorization_request.ts";
import type { Consent } from "./consents.ts";

/** Issues an authorization code (RFC 6749, section 4.1.2). */
export function issueCode(
  request: AuthorizationRequest,
  { user, consent, authenticatedAt, instance }: {
    user: EmulatedUser;
    consent: Consent;
    authenticatedAt: number;
    instance: Instance;
  },
): string {
  const { application, scopes, audience, nonce, requestedRedirectUri, codeChallenge } = request;
  const grant = findOrCreateGrant(instance, { userId: user.id, clientId: application.clientId });
  const code = randomToken();
  instance.codes.set(code, {
    authorization: {
      grant,
      scopes,
      audience,
      nonce,
      authenticatedAt,
      organizationId: consent.organizationId,
    },
    redirectUri: requestedRedirectUri,
    codeChallenge,
    expiresAt: instance.now() + instance.behavior.authorizationCodeLifetimeSeconds * 1000,
    used: false,
  });
  return code;
}

/** A grant of its own for every sign-in, unless they share one. */
export function findOrCreateGrant(
  instance: Instance,
  { userId, clientId }: { userId: string; clientId: string },
): Grant {
  const shared = instance.behavior.shareGrantOnRelogin &&
    [...instance.grants].find((grant) =>
      grant.userId === userId && grant.clientId === clientId && !grant.revoked
    );
  if (shared) return shared;
  const grant: Grant = { id: randomIdentifier("grant"), userId, clientId, revoked: false };
  instance.grants.add(grant);
  return grant;
}
