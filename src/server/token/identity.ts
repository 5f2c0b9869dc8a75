import type { ClerkCliAuthError } from "../../core/errors.ts";
import type { Identity } from "../../core/identity.ts";
import type { ClerkClientLike } from "../clerk/client.ts";
import { type ClerkApiError, failureOfApiError, isClerkApiError } from "../clerk/failures.ts";
import { invalidToken, isRejection, misconfigured } from "../failures.ts";
import { BoundedMap } from "../limits/bounded_map.ts";
import { SingleFlight, withDeadline } from "../limits/single_flight.ts";
import type { TokenInfo } from "./token_info.ts";

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

/** What a {@linkcode ProfileLookup} works with. */
export interface ProfileLookupOptions {
  getClerk: () => Promise<ClerkClientLike>;
  /** What is sent to Clerk in confidence. */
  secrets: () => readonly string[];
  timeoutMs: number;
  /** For how long a profile may be remembered, in milliseconds; 0 for not at all. */
  ttlMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** Asks Clerk for the names of users, organizations and machines, as rarely as it can. */
export class ProfileLookup {
  readonly #options: ProfileLookupOptions;
  readonly #flights: SingleFlight<Profile>;
  readonly #profiles: BoundedMap<Profile>;

  constructor(options: ProfileLookupOptions) {
    const { now, timeoutMs } = options;
    this.#options = options;
    this.#flights = new SingleFlight({ maxAgeMs: timeoutMs, now });
    this.#profiles = new BoundedMap({ maxBytes: MAX_BYTES, now });
  }

  /**
   * Looks a subject up.
   *
   * @throws {ClerkCliAuthError} `not_authenticated` when it no longer exists, `unavailable` when Clerk cannot tell now.
   */
  async lookUp(subject: string): Promise<Profile> {
    const remembered = this.#profiles.get(subject);
    if (remembered) return remembered;
    return await withDeadline(
      this.#flights.run(subject, () => this.#fetch(subject)),
      this.#options.timeoutMs,
    );
  }

  async #fetch(subject: string): Promise<Profile> {
    const { getClerk, secrets, ttlMs, now } = this.#options;
    const expiresAt = now() + ttlMs;
    try {
      const profile = await fetchProfile(await getClerk(), subject);
      this.#profiles.set(subject, profile, { bytes: JSON.stringify(profile).length, expiresAt });
      return profile;
    } catch (error) {
      throw isClerkApiError(error) ? failureOf(error, secrets()) : error;
    }
  }
}

function failureOf(error: ClerkApiError, secrets: readonly string[]): ClerkCliAuthError {
  const failure = failureOfApiError(error, secrets);
  return isRejection(failure)
    ? invalidToken("The one whom the token belongs to no longer exists", failure.cause)
    : failure;
}

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
