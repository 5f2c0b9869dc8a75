import type { ClerkClientLike } from "./clerk_client.ts";
import { misconfigured } from "./failures.ts";

/** Fields of an identity that Clerk was asked for. */
export type Profile = Record<string, unknown>;

type Fields = Record<string, unknown>;

/** Fetches what Clerk knows of a user, an organization or a machine; nothing of another kind of subject. */
export async function fetchProfile(clerk: ClerkClientLike, subject: string): Promise<Profile> {
  const kind = subject.slice(0, subject.indexOf("_"));
  return await CALLS.get(kind)?.(clerk, subject) ?? {};
}

type Fetch = (clerk: ClerkClientLike, id: string) => Promise<Profile>;

const fetchUser: Fetch = async ({ users }, id) => userProfile(await api(users, "users").getUser(id));

const fetchOrganization: Fetch = async ({ organizations }, organizationId) =>
  organizationProfile(await api(organizations, "organizations").getOrganization({ organizationId }));

const fetchMachine: Fetch = async ({ machines }, id) =>
  machineProfile(await api(machines, "machines").get(id));

const CALLS = new Map([["user", fetchUser], ["org", fetchOrganization], ["mch", fetchMachine]]);

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
