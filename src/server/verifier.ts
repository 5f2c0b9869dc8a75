import type { JsonObject } from "../core/json.ts";
import { faultOf } from "./access_token_jwt.ts";
import { authenticate } from "./authenticate.ts";
import { BoundedMap } from "./bounded_map.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import type { Credential } from "./credential.ts";
import { withDeadline } from "./deadline.ts";
import { invalidToken, isRejection } from "./failures.ts";
import { MissLimiter } from "./miss_limiter.ts";
import { RateLimitPause } from "./rate_limit_pause.ts";
import { SigningKeys } from "./signing_keys.ts";
import { SingleFlight } from "./single_flight.ts";
import type { TokenInfo } from "./token_info.ts";
import { UnseenKeys } from "./unseen_keys.ts";

/** What a {@linkcode Verifier} works with. */
export interface VerifierOptions {
  getClerk: () => Promise<ClerkClientLike>;
  /** The instance's public key, where it is configured. */
  jwtKey: () => string | undefined;
  audience: readonly string[] | undefined;
  timeoutMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

type Jwt = Extract<Credential, { jwt: object }>;

const ACCEPTED_BYTES = 16 * 1024 * 1024;
const REJECTED_BYTES = 1024 * 1024;
const JWT_REMEMBERED_MS = 5 * 60_000;
const REJECTION_REMEMBERED_MS = 10_000;

/** Has credentials verified by Clerk, asking as rarely as it can. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #accepted: BoundedMap<TokenInfo>;
  readonly #rejected: BoundedMap<unknown>;
  readonly #flights: SingleFlight<TokenInfo>;
  readonly #limiter: MissLimiter;
  readonly #pause: RateLimitPause;
  readonly #unseenKeys: UnseenKeys<TokenInfo>;
  #signingKeys: SigningKeys | undefined;

  constructor(options: VerifierOptions) {
    const { now, timeoutMs } = options;
    this.#options = options;
    this.#accepted = new BoundedMap({ maxBytes: ACCEPTED_BYTES, now });
    this.#rejected = new BoundedMap({ maxBytes: REJECTED_BYTES, now });
    this.#flights = new SingleFlight({ maxAgeMs: timeoutMs, now });
    this.#limiter = new MissLimiter(now);
    this.#pause = new RateLimitPause(now);
    this.#unseenKeys = new UnseenKeys({ now, timeoutMs });
  }

  /** What is remembered of a token that was verified before. */
  recall(token: string): TokenInfo | undefined {
    return this.#accepted.get(token);
  }

  /**
   * Verifies a credential. Callers that bring the same one at the same time share one verification.
   *
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  verify(credential: Credential): Promise<TokenInfo> {
    const { token, jwt } = credential;
    const fault = jwt && faultOf(jwt, this.#options.now());
    if (fault !== undefined) return Promise.reject(invalidToken(fault));
    const rejection = this.#rejected.get(token);
    if (rejection !== undefined) return Promise.reject(rejection);
    return withDeadline(this.#flights.run(token, () => this.#verify(credential)), this.#options.timeoutMs);
  }

  async #verify(credential: Credential): Promise<TokenInfo> {
    const { token, jwt } = credential;
    try {
      return jwt ? await this.#verifyJwt(credential) : await this.#verifyOpaque(credential);
    } catch (error) {
      if (isRejection(error)) {
        const expiresAt = this.#options.now() + REJECTION_REMEMBERED_MS;
        this.#rejected.set(token, error, { bytes: error.message.length, expiresAt });
      }
      throw error;
    }
  }

  async #verifyJwt(credential: Jwt): Promise<TokenInfo> {
    const { now } = this.#options;
    const info = await this.#authenticateJwt(credential);
    const expiresAt = Math.min(info.expiresAt ?? Infinity, now() + JWT_REMEMBERED_MS);
    this.#remember(credential.token, info, expiresAt);
    return info;
  }

  async #authenticateJwt(credential: Jwt): Promise<TokenInfo> {
    const { getClerk, audience, jwtKey, now, timeoutMs } = this.#options;
    const { header, claims } = credential.jwt;
    const clerk = await getClerk();
    const pem = jwtKey();
    if (pem !== undefined) return authenticate(clerk, credential, { jwtKey: pem, audience, offline: true });

    const kid = typeof header["kid"] === "string" ? header["kid"] : "";
    const { jwks } = clerk;
    if (!jwks) {
      return this.#unseenKeys.guard(kid, () => authenticate(clerk, credential, { audience, offline: false }));
    }
    this.#signingKeys ??= new SigningKeys(() => jwks.getJwks(), { now, timeoutMs });
    const key = await this.#signingKeys.find(kid, issuedAt(claims));
    if (!key.known) throw invalidToken("The token is signed with a key that is not of this Clerk instance");
    return authenticate(clerk, credential, { jwtKey: key.pem, audience, offline: key.pem !== undefined });
  }

  async #verifyOpaque(credential: Credential): Promise<TokenInfo> {
    const { getClerk, audience } = this.#options;
    this.#pause.assertOver();
    return await this.#limiter.guard(credential.token, async () => {
      const clerk = await getClerk();
      try {
        return await authenticate(clerk, credential, { audience, offline: false });
      } catch (error) {
        throw await this.#pause.beginFor(error, clerk, credential);
      }
    });
  }

  #remember(token: string, info: TokenInfo, expiresAt: number): void {
    this.#accepted.set(token, info, { bytes: JSON.stringify(info).length, expiresAt });
  }
}

function issuedAt(claims: JsonObject): number {
  const { iat } = claims;
  return typeof iat === "number" ? iat * 1000 : Infinity;
}
