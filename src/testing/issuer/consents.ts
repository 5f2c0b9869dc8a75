import type { EmulatedOrganization, EmulatedUser } from "../entities.ts";
import type { Instance } from "../instance.ts";
import type { AuthorizationRequest } from "./authorization_request.ts";

/** What a user decided on a consent page. */
export interface Consent {
  readonly organizationId: string | undefined;
}

/** What a consent is for: the user, the application and the scopes. */
export function consentKey(user: EmulatedUser, { application, scopes }: AuthorizationRequest): string {
  return JSON.stringify([user.id, application.clientId, [...scopes].sort()]);
}

/** The organizations that the user may choose from for a request; none without the scope `user:org:read`. */
export function selectableOrganizations(
  user: EmulatedUser,
  { request, instance }: { request: AuthorizationRequest; instance: Instance },
): EmulatedOrganization[] {
  if (!request.scopes.includes("user:org:read")) return [];
  return user.organizationIds.map((id) => instance.organizations.get(id)).filter((found) =>
    found !== undefined
  );
}
