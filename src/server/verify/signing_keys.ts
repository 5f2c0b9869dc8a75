import type { ClerkCliAuthError } from "../../core/errors.ts";
import { cleanCause } from "../../core/redact.ts";
import { isClerkApiError, retryAfterMsOf, sayableCause } from "../clerk/failures.ts";
import { misconfigured, UnavailableError, type UnavailableOptions } from "../failures.ts";
import { TokenBucket } from "../limits/limits.ts";
import { BoundedMap, SingleFlight, withDeadline } from "../limits/by_key.ts";

/**
 * The signing key that a JWT names: whether Clerk publishes it, the key if it has the usual form, and until when to go by
 * that (Unix time in milliseconds).
 */
type SigningKey = { known: false } | { known: true; key: VerificationKey | undefined; freshUntil: number };

/** Fetches the key set (RFC 7517, section 5). */
type GetJwks = () => Promise<{ keys?: unknown }>;

/** What {@linkcode SigningKeys} need. */
interface SigningKeysOptions {
  timeoutMs: number;
  /** Secrets that are sent to Clerk. */
  secrets: readonly string[];
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

const FRESH_MS = 5 * 60_000;
const USABLE_MS = 60 * 60_000;
const COOLDOWN_MS = 10_000;
const MAX_SEARCHES = 5;
const SEARCH_MS = 100;
const MISSED_MS = 1_000;
const MISSED_BYTES = 256 * 1024;
const DEFAULT_WAIT_MS = 1_000;
const REFRESH_WAIT_MS = 1_000;
const MAX_LAG_MS = 60_000;

/**
 * The instance's signing keys. They are fetched every five minutes, and used for up to an hour while Clerk cannot be
 * reached or does not respond. For unknown ids they are fetched again, but in the long run, however many there are, ten
 * times a second at most, and each id once a second. Nobody is turned away for that: whoever names a key that is published finds it.
 */
export class SigningKeys {
  readonly #getJwks: GetJwks;
  readonly #secrets: readonly string[];
  readonly #now: () => number;
  readonly #refreshWaitMs: number;
  readonly #permits: TokenBucket;
  readonly #searches: SingleFlight<void>;
  readonly #fetches: SingleFlight<void>;
  /** How many fetches have begun. */
  #begun = 0;
  /** The number of the fetch that brought the keys. */
  #broughtBy = 0;
  #keys = new Map<string, VerificationKey | undefined>();
  /** The ids that were searched in vain a moment ago. */
  readonly #missed: BoundedMap<true>;
  #fetchedAt = -Infinity;
  #refreshAt = -Infinity;
  #failure: { error: unknown; until: number } | undefined;

  constructor(getJwks: GetJwks, { timeoutMs, secrets, now }: SigningKeysOptions) {
    this.#getJwks = getJwks;
    this.#secrets = secrets;
    this.#now = now;
    // Well before the verification that waits for it gives up.
    this.#refreshWaitMs = Math.min(REFRESH_WAIT_MS, timeoutMs / 2);
    this.#missed = new BoundedMap({ maxBytes: MISSED_BYTES, now });
    this.#fetches = new SingleFlight({ maxAgeMs: timeoutMs, now });
    this.#searches = new SingleFlight({ maxAgeMs: timeoutMs, now });
    this.#permits = new TokenBucket({ capacity: MAX_SEARCHES, refillMs: SEARCH_MS, now });
  }

  /**
   * Looks up the key that a JWT names.
   *
   * @param kid The JWT's `kid`.
   * @param issuedAt When the JWT says it was issued, Unix time in milliseconds.
   * @throws {ClerkCliAuthError} `unavailable` if Clerk does not respond, `config` if it refuses our secret key.
   */
  async find(kid: string, issuedAt: number): Promise<SigningKey> {
    const begun = this.#begun;
    await this.#keepFresh();
    // Keys fetched well after a JWT was issued contain its key, unless that belongs to another instance. Well after:
    // Clerk's clock is not ours, and a new key can take a while to be published.
    const mayBeNew = issuedAt >= this.#fetchedAt - MAX_LAG_MS && !this.#missed.get(kid);
    if (mayBeNew && !this.#keys.has(kid)) await this.#search(begun);
    if (!this.#keys.has(kid)) {
      if (mayBeNew) this.#missed.set(kid, true, { bytes: 0, expiresAt: this.#now() + MISSED_MS });
      return { known: false };
    }
    return { known: true, key: this.#keys.get(kid), freshUntil: this.#freshUntil };
  }

  /** Brings keys by a fetch that begins after as many others. Callers share it. */
  async #search(begun: number): Promise<void> {
    while (this.#broughtBy <= begun) {
      await this.#searches.run("", async () => {
        if (!this.#permits.take()) await pause(this.#permits.waitMs());
        await this.#fetch();
      });
    }
  }

  /** While Clerk does not respond, the keys count as fresh until it is asked again. */
  get #freshUntil(): number {
    return Math.max(this.#fetchedAt + FRESH_MS, this.#refreshAt);
  }

  async #keepFresh(): Promise<void> {
    const age = this.#now() - this.#fetchedAt;
    if (age >= USABLE_MS) return await this.#fetch();
    // Negative if the clock was set back.
    if ((age >= 0 && age < FRESH_MS) || this.#now() < this.#refreshAt) return;
    try {
      await withDeadline(() => this.#fetch(), this.#refreshWaitMs);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      this.#refreshAt = this.#now() + COOLDOWN_MS;
    }
  }

  #fetch(): Promise<void> {
    return this.#fetches.run("", async () => {
      const startedAt = this.#now();
      if (this.#failure && this.#failure.until > startedAt) throw this.#failure.error;
      const number = ++this.#begun;
      try {
        const keys = await readKeys(await this.#getJwks());
        // One that was given up may still end after the next one.
        if (number < this.#broughtBy) return;
        this.#keys = keys;
        this.#fetchedAt = startedAt;
        this.#broughtBy = number;
      } catch (cause) {
        const error = keysFailure(cause, this.#secrets);
        const waitMs = error instanceof UnavailableError ? error.retryAfterMs : DEFAULT_WAIT_MS;
        this.#failure = { error, until: this.#now() + waitMs };
        throw error;
      }
    });
  }
}

/** Resolves after a while. */
export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

async function readKeys(answer: { keys?: unknown }): Promise<Map<string, VerificationKey | undefined>> {
  const keys = Array.isArray(answer.keys) ? answer.keys as (JsonWebKey & { kid?: unknown })[] : [];
  const entries = keys.filter(verifiesRs256).map(async (key) =>
    [String(key.kid), await keyOfJwk(key)] as const
  );
  if (entries.length === 0) throw new UnavailableError("Clerk answered without signing keys");
  return new Map(await Promise.all(entries));
}

/** Tells whether a key may verify signatures with `RS256` (RFC 7517, section 4); not every Web Crypto looks at that. */
function verifiesRs256(
  { use = "sig", alg = "RS256", key_ops: operations = ["verify"] }: JsonWebKey,
): boolean {
  return use === "sig" && alg === "RS256" && Array.isArray(operations) && operations.includes("verify");
}

function keysFailure(error: unknown, secrets: readonly string[]): ClerkCliAuthError {
  if (error instanceof UnavailableError) return error;
  if (!isClerkApiError(error)) return unfetched({ cause: cleanCause(error, secrets) });
  const cause = sayableCause(error, secrets);
  return error.status === 401 || error.status === 403
    ? misconfigured("Clerk refused the server's secret key", { cause })
    : unfetched({ cause, retryAfterMs: retryAfterMsOf(error) });
}

function unfetched(options: UnavailableOptions): UnavailableError {
  return new UnavailableError("Clerk's signing keys could not be fetched", options);
}

/** A public key that verifies JWTs: as it is used here, and as `authenticateRequest` gets it. */
export interface VerificationKey {
  key: CryptoKey;
  pem: string;
}

/** RSASSA-PKCS1-v1_5 with SHA-256: `RS256` (RFC 7518, section 3.3). */
export const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const MODULUS_2048 = /^[A-Za-z0-9_-]{342}$/;
const PEM_LINE = /.{1,64}/g;

/**
 * Reads a published key.
 *
 * @returns `undefined` for a key that `@clerk/backend` could not read as PEM: it only knows 2048-bit RSA keys with
 * the exponent 65537.
 */
export async function keyOfJwk(jwk: JsonWebKey): Promise<VerificationKey | undefined> {
  const { kty, n = "", e } = jwk;
  if (kty !== "RSA" || e !== "AQAB" || !MODULUS_2048.test(n)) return undefined;
  try {
    const key = await crypto.subtle.importKey("jwk", { kty, n, e }, RS256, true, ["verify"]);
    return { key, pem: pemOf(new Uint8Array(await crypto.subtle.exportKey("spki", key))) };
  } catch {
    // A malformed key is left to the client, which reports it in its own way.
    return undefined;
  }
}

/**
 * Reads a configured key.
 *
 * @throws {ClerkCliAuthError} `config` if it is malformed, or not of the kind that `@clerk/backend` knows.
 */
export async function keyOfPem(pem: string): Promise<VerificationKey> {
  try {
    const base64 = pem.replaceAll(/-----[^-]*-----|\s/g, "");
    const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const key = await crypto.subtle.importKey("spki", der, RS256, true, ["verify"]);
    const { n = "", e } = await crypto.subtle.exportKey("jwk", key) as JsonWebKey;
    if (e !== "AQAB" || !MODULUS_2048.test(n)) {
      throw new TypeError("Not 2048-bit RSA with the exponent 65537");
    }
    return { key, pem };
  } catch (cause) {
    throw misconfigured("CLERK_JWT_KEY is not the public key of a Clerk instance in PEM", {
      action: "Copy the JWT public key from Clerk's dashboard, or leave it out: the keys are then fetched",
      cause,
    });
  }
}

function pemOf(der: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...der)).match(PEM_LINE) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----"].join("\n");
}
