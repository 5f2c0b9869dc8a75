import type { ClerkCliAuthError } from "../../core/errors.ts";
import { cleanCause } from "../../core/redact.ts";
import { isClerkApiError, retryAfterMsOf, sayableCause } from "../clerk/failures.ts";
import { keysUnavailable, misconfigured, secretKeyRefused, UnavailableError } from "../failures.ts";
import { TokenBucket } from "../limits/limits.ts";
import { BoundedMap, type Clock, SingleFlight, withDeadline } from "../limits/by_key.ts";

/** A key that Clerk publishes. */
export interface PublishedKey {
  /** Absent if only the client can read it. */
  key: VerificationKey | undefined;
  /** How long it is known to be published, in Unix milliseconds. */
  freshUntil: number;
}

/** Fetches the key set (RFC 7517, section 5). */
type GetJwks = () => Promise<{ keys?: unknown }>;

interface SigningKeysOptions extends Clock {
  timeoutMs: number;
  /** The secrets sent to Clerk. */
  secrets: readonly string[];
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
 * The instance's signing keys. They are fetched every five minutes, and used for up to an hour while Clerk is
 * unreachable. An unknown `kid` triggers another fetch: at most ten times a second in the long run, and once
 * a second for the same one. Callers wait for it, so that a published key is always found.
 */
export class SigningKeys {
  readonly #getJwks: GetJwks;
  readonly #options: SigningKeysOptions;
  readonly #permits: TokenBucket;
  readonly #searches: SingleFlight<void>;
  readonly #fetches: SingleFlight<void>;
  /** How many fetches have started. */
  #begun = 0;
  /** The number of the fetch that returned the keys. */
  #broughtBy = 0;
  #keys = new Map<string, VerificationKey | undefined>();
  /** The IDs that were just searched for in vain. */
  readonly #missed: BoundedMap<true>;
  #fetchedAt = -Infinity;
  #refreshAt = -Infinity;
  #failure: { error: unknown; until: number } | undefined;

  constructor(getJwks: GetJwks, options: SigningKeysOptions) {
    const { timeoutMs, now } = options;
    this.#getJwks = getJwks;
    this.#options = options;
    this.#missed = new BoundedMap({ maxBytes: MISSED_BYTES, now });
    this.#fetches = new SingleFlight({ maxAgeMs: timeoutMs, now });
    this.#searches = new SingleFlight({ maxAgeMs: timeoutMs, now });
    this.#permits = new TokenBucket({ capacity: MAX_SEARCHES, refillMs: SEARCH_MS, now });
  }

  /**
   * Looks up the key of a JWT.
   *
   * @param kid The JWT's `kid`.
   * @param issuedAt When the JWT was issued according to its `iat`, in Unix milliseconds.
   * @returns The key; `undefined` if it is not published.
   * @throws {ClerkCliAuthError} `unavailable` if Clerk does not respond, `config` if it rejects our secret
   * key.
   */
  async find(kid: string, issuedAt: number): Promise<PublishedKey | undefined> {
    const begun = this.#begun;
    await this.#keepFresh();
    // Keys fetched well after the JWT was issued include its key, unless it is from another instance. Allow
    // for clock differences and for the time that a new key takes to be published.
    const mayBeNew = issuedAt >= this.#fetchedAt - MAX_LAG_MS && !this.#missed.get(kid);
    if (mayBeNew && !this.#keys.has(kid)) await this.#search(begun);
    // While Clerk does not respond, the keys count as fresh until the next attempt.
    const freshUntil = Math.max(this.#fetchedAt + FRESH_MS, this.#refreshAt);
    if (this.#keys.has(kid)) return { key: this.#keys.get(kid), freshUntil };
    if (mayBeNew) this.#missed.set(kid, true, { bytes: 0, expiresAt: this.#options.now() + MISSED_MS });
    return undefined;
  }

  /** Waits for a fetch that starts after the given number of others. Callers share it. */
  async #search(begun: number): Promise<void> {
    while (this.#broughtBy <= begun) {
      await this.#searches.run("", async () => {
        if (!this.#permits.take()) await this.#permits.takeLater();
        await this.#fetch();
      });
    }
  }

  async #keepFresh(): Promise<void> {
    const { now, timeoutMs } = this.#options;
    const age = now() - this.#fetchedAt;
    if (age >= USABLE_MS) return await this.#fetch();
    // Negative if the clock was set back.
    if ((age >= 0 && age < FRESH_MS) || now() < this.#refreshAt) return;
    try {
      // Well before the waiting verification gives up.
      await withDeadline(() => this.#fetch(), Math.min(REFRESH_WAIT_MS, timeoutMs / 2));
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      this.#refreshAt = now() + COOLDOWN_MS;
    }
  }

  #fetch(): Promise<void> {
    const { now, secrets } = this.#options;
    return this.#fetches.run("", async () => {
      const startedAt = now();
      if (this.#failure && this.#failure.until > startedAt) throw this.#failure.error;
      const number = ++this.#begun;
      try {
        const keys = await readKeys(await this.#getJwks());
        // A fetch that timed out may end after the next one.
        if (number < this.#broughtBy) return;
        this.#keys = keys;
        this.#fetchedAt = startedAt;
        this.#broughtBy = number;
      } catch (cause) {
        const error = failureOfKeys(cause, secrets);
        this.#failure = { error, until: now() + (error.retryAfterMs ?? DEFAULT_WAIT_MS) };
        throw error;
      }
    });
  }
}

async function readKeys(keySet: { keys?: unknown }): Promise<Map<string, VerificationKey | undefined>> {
  const keys = Array.isArray(keySet.keys) ? keySet.keys as (JsonWebKey & { kid?: unknown })[] : [];
  const entries = keys.filter(verifiesRs256).map(async (key) =>
    [String(key.kid), await keyOfJwk(key)] as const
  );
  if (entries.length === 0) throw new UnavailableError("Clerk returned no signing keys");
  return new Map(await Promise.all(entries));
}

/** Reports whether a key may verify `RS256` signatures (RFC 7517, section 4). Not every Web Crypto checks. */
function verifiesRs256(
  { use = "sig", alg = "RS256", key_ops: operations = ["verify"] }: JsonWebKey,
): boolean {
  return use === "sig" && alg === "RS256" && Array.isArray(operations) && operations.includes("verify");
}

function failureOfKeys(error: unknown, secrets: readonly string[]): ClerkCliAuthError {
  if (error instanceof UnavailableError) return error;
  if (!isClerkApiError(error)) return keysUnavailable({ cause: cleanCause(error, secrets) });
  const cause = sayableCause(error, secrets);
  return error.status === 401 || error.status === 403
    ? secretKeyRefused(cause)
    : keysUnavailable({ cause, retryAfterMs: retryAfterMsOf(error) });
}

/** A public key for JWTs, for our own use and in the form that `authenticateRequest` takes. */
export interface VerificationKey {
  key: CryptoKey;
  pem: string;
}

/** RSASSA-PKCS1-v1_5 with SHA-256: `RS256` (RFC 7518, section 3.3). */
export const RS256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const PEM_LINE = /.{1,64}/g;

/** Reports whether a key is 2048-bit RSA with the exponent 65537: `@clerk/backend` supports no other as PEM. */
function isUsual({ kty, n = "", e }: JsonWebKey): boolean {
  return kty === "RSA" && e === "AQAB" && /^[A-Za-z0-9_-]{342}$/.test(n);
}

/** Reads a published key; `undefined` if `@clerk/backend` could not read it as PEM. */
export async function keyOfJwk(jwk: JsonWebKey): Promise<VerificationKey | undefined> {
  if (!isUsual(jwk)) return undefined;
  const { kty, n, e } = jwk;
  try {
    const key = await crypto.subtle.importKey("jwk", { kty, n, e } as JsonWebKey, RS256, true, ["verify"]);
    return { key, pem: pemOf(new Uint8Array(await crypto.subtle.exportKey("spki", key))) };
  } catch {
    // Leave a malformed key to the client, which reports it in its own way.
    return undefined;
  }
}

/** Reads a configured key. Throws `config`. */
export async function keyOfPem(pem: string): Promise<VerificationKey> {
  try {
    const base64 = pem.replaceAll(/-----[^-]*-----|\s/g, "");
    const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const key = await crypto.subtle.importKey("spki", der, RS256, true, ["verify"]);
    if (isUsual(await crypto.subtle.exportKey("jwk", key) as JsonWebKey)) return { key, pem };
    throw new TypeError("Not 2048-bit RSA with the exponent 65537");
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
