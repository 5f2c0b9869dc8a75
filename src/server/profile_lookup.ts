import type { ClerkCliAuthError } from "../core/errors.ts";
import { BoundedMap } from "./bounded_map.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import { type ClerkApiError, failureOfApiError, isClerkApiError } from "./clerk_failure.ts";
import { withDeadline } from "./deadline.ts";
import { invalidToken, isRejection } from "./failures.ts";
import { fetchProfile, type Profile } from "./profile.ts";
import { SingleFlight } from "./single_flight.ts";

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
