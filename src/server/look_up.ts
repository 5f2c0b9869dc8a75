import type { ClerkClientLike } from "./clerk_client.ts";
import { failureOfApiError, isClerkApiError } from "./clerk_failure.ts";
import { withDeadline } from "./deadline.ts";
import { misconfigured } from "./failures.ts";

/** Fields of an identity that Clerk was asked for. */
export type Profile = Record<string, unknown>;

type Fields = Record<string, unknown>;

/**
 * Asks Clerk for the name, email and slug of a user, organization or machine.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` when it no longer exists, `unavailable` when Clerk cannot tell now.
 */
export async function lookUp(
  subject: string,
  { getClerk, timeoutMs }: { getClerk: () => Promise<ClerkClientLike>; timeoutMs: number },
): Promise<Profile> {
  const kind = subject.slice(0, subject.indexOf("_"));
  const clerk = await getClerk();
  const call = CALLS[kind]?.(clerk, subject);
  if (!call) return {};
  try {
    return await withDeadline(call, timeoutMs);
  } catch (error) {
    throw isClerkApiError(error) ? failureOfApiError(error) : error;
  }
}

const CALLS: Record<string, (clerk: ClerkClientLike, id: string) => Promise<Profile>> = {
  user: async ({ users }, id) => userProfile(await api(users, "users").getUser(id)),
  org: async ({ organizations }, organizationId) =>
    organizationProfile(await api(organizations, "organizations").getOrganization({ organizationId })),
  mch: async ({ machines }, id) => machineProfile(await api(machines, "machines").get(id)),
};

function api<T>(part: T | undefined, name: string): T {
  if (part) return part;
  throw misconfigured(`'lookup' needs a Clerk client with '${name}'`);
}

function userProfile(user: unknown): Profile {
  const { id, firstName, lastName, fullName, imageUrl, username, publicMetadata, unsafeMetadata } =
    user as Fields;
  const name = fullName ?? ([firstName, lastName].filter(Boolean).join(" ") || null);
  const address = primaryEmailAddress(user as Fields);
  const { status } = (address?.["verification"] ?? {}) as Fields;
  return present({
    user_id: id,
    name,
    given_name: firstName,
    family_name: lastName,
    picture: imageUrl,
    username,
    preferred_username: username,
    email: address?.["emailAddress"],
    email_verified: address && status === "verified",
    public_metadata: publicMetadata,
    unsafe_metadata: unsafeMetadata,
  });
}

function primaryEmailAddress({ emailAddresses, primaryEmailAddressId }: Fields): Fields | undefined {
  const addresses = Array.isArray(emailAddresses) ? emailAddresses as Fields[] : [];
  return addresses.find(({ id }) => id === primaryEmailAddressId);
}

function organizationProfile(organization: unknown): Profile {
  const { id, name, slug } = organization as Fields;
  return present({ org_id: id, org_name: name, org_slug: slug });
}

function machineProfile(machine: unknown): Profile {
  return present({ name: (machine as Fields)["name"] });
}

function present(fields: Profile): Profile {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}
