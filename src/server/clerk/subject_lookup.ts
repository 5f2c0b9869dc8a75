import type { ClerkCliAuthError } from "../../core/errors.ts";
import type { ClerkAccess, ClerkClientLike } from "./client.ts";
import { type ClerkApiError, failureOfApiError, isClerkApiError } from "./failures.ts";
import { invalidToken, isRejection, misconfigured } from "../failures.ts";
import { BoundedMap, type Clock, SingleFlight, withDeadline } from "../limits/by_key.ts";
import type { Gate } from "../limits/gate.ts";

/** What Clerk knows about a subject, as fields of an identity. */
type Details = Record<string, unknown>;

type Fields = Record<string, unknown>;

type Fetch = (clerk: ClerkClientLike, id: string) => Promise<Details>;

const fetchUser: Fetch = async ({ users }, id) => userDetails(await api(users, "users").getUser(id));

const fetchOrganization: Fetch = async ({ organizations }, organizationId) =>
  organizationDetails(await api(organizations, "organizations").getOrganization({ organizationId }));

const fetchMachine: Fetch = async ({ machines }, id) =>
  machineDetails(await api(machines, "machines").get(id));

const CALLS = new Map([["user", fetchUser], ["org", fetchOrganization], ["mch", fetchMachine]]);

function api<T>(part: T | undefined, name: string): T {
  if (part) return part;
  throw misconfigured(`'lookup' needs a Clerk client with '${name}'`);
}

function userDetails(user: unknown): Details {
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

function organizationDetails(organization: unknown): Details {
  const { id, name, slug } = organization as Fields;
  return present({ org_id: id, org_name: name, org_slug: slug });
}

function machineDetails(machine: unknown): Details {
  return present({ name: (machine as Fields)["name"] });
}

function present(fields: Details): Details {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}

interface SubjectLookupOptions extends Clock {
  getAccess: () => Promise<ClerkAccess>;
  gate: () => Gate;
  timeoutMs: number;
  /** How long to remember details, in milliseconds; 0 disables it. */
  ttlMs: number;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** Asks Clerk for the names of users, organizations and machines, as rarely as possible. */
export class SubjectLookup {
  readonly #options: SubjectLookupOptions;
  readonly #flights: SingleFlight<Details>;
  readonly #remembered: BoundedMap<Details>;

  constructor(options: SubjectLookupOptions) {
    const { now, timeoutMs } = options;
    this.#options = options;
    this.#flights = new SingleFlight({ maxAgeMs: timeoutMs, now });
    this.#remembered = new BoundedMap({ maxBytes: MAX_BYTES, now });
  }

  /** Looks up a subject. Throws `not_authenticated` or `unavailable`. */
  async lookUp(subject: string): Promise<Details> {
    const remembered = this.#remembered.get(subject);
    if (remembered) return remembered;
    return await withDeadline(
      () => this.#flights.run(subject, () => this.#fetch(subject)),
      this.#options.timeoutMs,
    );
  }

  async #fetch(subject: string): Promise<Details> {
    const { getAccess, gate, ttlMs, now } = this.#options;
    const kind = subject.slice(0, subject.indexOf("_"));
    const call = CALLS.get(kind);
    if (!call) return {};
    const expiresAt = now() + ttlMs;
    const { clerk, secrets } = await getAccess();
    return await gate().run({ key: subject, isVerified: true }, async (ask) => {
      const details = await ask(kind, () =>
        call(clerk, subject).catch((error) => {
          throw isClerkApiError(error) ? failureOf(error, secrets) : error;
        }));
      this.#remembered.set(subject, details, { bytes: JSON.stringify(details).length, expiresAt });
      return details;
    });
  }
}

function failureOf(error: ClerkApiError, secrets: readonly string[]): ClerkCliAuthError {
  const failure = failureOfApiError(error, secrets);
  return isRejection(failure) ? invalidToken("The token's owner no longer exists", failure.cause) : failure;
}
