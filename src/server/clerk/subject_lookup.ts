import type { ClerkAccess, ClerkClientLike } from "./client.ts";
import { failureOfApiError, isClerkApiError } from "./failures.ts";
import { invalidToken, isRejection, misconfigured } from "../failures.ts";
import { BoundedMap, type Clock, SingleFlight, withDeadline } from "../limits/by_key.ts";
import type { Gate } from "../limits/gate.ts";

type Fields = Record<string, unknown>;

/** How to look up the fields of an identity, by what its subject starts with. */
const CALLS = new Map<string, (clerk: ClerkClientLike, id: string) => Promise<Fields>>([
  ["user", async ({ users }, id) => userFields(await api(users, "users").getUser(id) as Fields)],
  ["org", async ({ organizations }, organizationId) => {
    const call = api(organizations, "organizations").getOrganization({ organizationId });
    const { id, name, slug } = await call as Fields;
    return { org_id: id, org_name: name, org_slug: slug };
  }],
  ["mch", async ({ machines }, id) => {
    const { name } = await api(machines, "machines").get(id) as Fields;
    return { name };
  }],
]);

function api<T>(part: T | undefined, name: string): T {
  if (part) return part;
  throw misconfigured(`'lookup' needs a Clerk client with '${name}'`);
}

function userFields(user: Fields): Fields {
  const { id, firstName, lastName, fullName, imageUrl, username, publicMetadata, unsafeMetadata } = user;
  const name = fullName ?? ([firstName, lastName].filter(Boolean).join(" ") || null);
  const address = primaryEmailAddress(user);
  const { status } = (address?.["verification"] ?? {}) as Fields;
  return {
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
  };
}

function primaryEmailAddress({ emailAddresses, primaryEmailAddressId }: Fields): Fields | undefined {
  const addresses = Array.isArray(emailAddresses) ? emailAddresses as Fields[] : [];
  return addresses.find(({ id }) => id === primaryEmailAddressId);
}

function present(fields: Fields): Fields {
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
  readonly #flights: SingleFlight<Fields>;
  readonly #remembered: BoundedMap<Fields>;

  constructor(options: SubjectLookupOptions) {
    const { now, timeoutMs } = options;
    this.#options = options;
    this.#flights = new SingleFlight({ maxAgeMs: timeoutMs, now });
    this.#remembered = new BoundedMap({ maxBytes: MAX_BYTES, now });
  }

  /** Looks up a subject. Throws `not_authenticated` or `unavailable`. */
  async lookUp(subject: string): Promise<Fields> {
    const remembered = this.#remembered.get(subject);
    if (remembered) return remembered;
    return await withDeadline(
      () => this.#flights.run(subject, () => this.#fetch(subject)),
      this.#options.timeoutMs,
    );
  }

  async #fetch(subject: string): Promise<Fields> {
    const { getAccess, gate, ttlMs, now } = this.#options;
    const kind = subject.slice(0, subject.indexOf("_"));
    const call = CALLS.get(kind);
    if (!call) return {};
    const expiresAt = now() + ttlMs;
    const { clerk, secrets } = await getAccess();
    return await gate().run({ key: subject, isVerified: true }, async (ask) => {
      const fields = await ask(kind, () =>
        call(clerk, subject).catch((error) => {
          const failure = isClerkApiError(error) ? failureOfApiError(error, secrets) : error;
          throw isRejection(failure)
            ? invalidToken("The token's owner no longer exists", failure.cause)
            : failure;
        }));
      const details = present(fields);
      this.#remembered.set(subject, details, { bytes: JSON.stringify(details).length, expiresAt });
      return details;
    });
  }
}
