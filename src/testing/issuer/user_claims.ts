import { fullName } from "../directory.ts";
import type { EmulatedUser } from "../entities.ts";
import type { Instance } from "../instance.ts";

/** What the scopes of a token let an application know about its user. */
export function scopedUserClaims(
  user: EmulatedUser,
  { scopes, organizationId, instance }: {
    scopes: readonly string[];
    organizationId: string | undefined;
    instance: Instance;
  },
): Record<string, unknown> {
  const organization = organizationId === undefined ? undefined : instance.organizations.get(organizationId);
  return {
    ...scopes.includes("email") && { email: user.email, email_verified: user.emailVerified },
    ...scopes.includes("profile") && profileClaims(user),
    ...scopes.includes("public_metadata") && {
      public_metadata: user.publicMetadata,
      unsafe_metadata: user.unsafeMetadata,
    },
    ...scopes.includes("private_metadata") && { private_metadata: user.privateMetadata },
    ...scopes.includes("user:org:read") && organization && {
      org_id: organization.id,
      org_name: organization.name,
      org_slug: organization.slug,
    },
  };
}

function profileClaims(user: EmulatedUser): Record<string, unknown> {
  return {
    name: fullName(user),
    given_name: user.firstName,
    family_name: user.lastName,
    picture: user.imageUrl,
    preferred_username: user.username,
    username: user.username,
  };
}
