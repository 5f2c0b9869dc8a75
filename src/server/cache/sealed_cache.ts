import { encodeBase64Url, parseJsonObject } from "../../core/encoding.ts";
import { seal, unseal } from "../../core/sealing.ts";
import { Breaker, type Clock, shared } from "../limits/by_key.ts";
import { frozen } from "../token/verified_token.ts";
import type { TokenCache, VerifiedToken } from "../types.ts";

/** A verified token, and how long it is accepted without asking Clerk, in Unix milliseconds. */
export interface RememberedToken {
  info: VerifiedToken;
  expiresAt: number;
}

export interface SealedCacheOptions extends Clock {
  store: TokenCache;
  /** The Clerk secret key. Instances with different keys never share an entry. */
  secretKey: () => string;
  /** The terms of verification. Verifiers with different policies never share an entry. */
  context: string;
  /** Called when the store fails. Verification goes on without it, even if this throws. */
  onError: (error: unknown) => void;
  timeoutMs: number;
}

interface Keys {
  names: CryptoKey;
  values: CryptoKey;
}

const SALT = "@clerk/cli-auth token cache 1";
const PREFIX = "clerk-cli-auth:1:";

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/**
 * Verified tokens in a store outside the process. The name of an entry is an HMAC of the token. Its value is
 * sealed with AES-256-GCM and bound to the name. Both keys are derived from the Clerk secret key (HKDF, RFC
 * 5869). Whoever reads the store learns neither tokens nor identities, and whoever writes to it can neither
 * forge nor move entries.
 */
export class SealedCache {
  readonly #options: SealedCacheOptions;
  readonly #keys: () => Promise<Keys>;
  readonly #breaker: Breaker;

  constructor(options: SealedCacheOptions) {
    const { now, timeoutMs } = options;
    this.#options = options;
    this.#breaker = new Breaker({ now, timeoutMs, whom: "The store of the cache" });
    this.#keys = shared(() => deriveKeys(options.secretKey()), { now, maxAgeMs: timeoutMs });
  }

  /** Returns what is remembered about a token; `undefined` if the entry is missing, expired or not ours. */
  async get(token: string): Promise<RememberedToken | undefined> {
    const { store, now } = this.#options;
    return await this.#attempt(token, async (name, key) => {
      const sealed = await store.get(name);
      // We did not seal what does not unseal for this name: treat it as missing.
      const text = sealed ? await unseal(sealed, key, name) : undefined;
      const remembered = text && parseJsonObject(text) as RememberedToken | undefined;
      return remembered && remembered.expiresAt > now() ? frozen(remembered) : undefined;
    });
  }

  async set(token: string, remembered: RememberedToken): Promise<void> {
    const { store, now } = this.#options;
    await this.#attempt(token, async (name, key) => {
      const sealed = await seal(JSON.stringify(remembered), key, name);
      const ttlMs = remembered.expiresAt - now();
      // A verification can take longer than its result may be kept.
      if (ttlMs > 0) await store.set(name, sealed, { ttlMs });
    });
  }

  async #attempt<T>(
    token: string,
    operation: (name: string, key: CryptoKey) => Promise<T>,
  ): Promise<T | undefined> {
    const { names, values } = await this.#keys();
    const attempt = async () => {
      const text = encode(JSON.stringify([this.#options.context, token]));
      const name = PREFIX + encodeBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", names, text)));
      return await operation(name, values);
    };
    try {
      return await this.#breaker.run<T | undefined>(token, attempt, () => undefined);
    } catch (error) {
      void this.#report(error);
      return undefined;
    }
  }

  async #report(error: unknown): Promise<void> {
    try {
      await this.#options.onError(error);
    } catch {
      // Nobody is left to tell.
    }
  }
}

async function deriveKeys(secretKey: string): Promise<Keys> {
  const secret = await crypto.subtle.importKey("raw", encode(secretKey), "HKDF", false, ["deriveKey"]);
  const derive = (info: string, algorithm: AesKeyGenParams | HmacKeyGenParams, uses: KeyUsage[]) =>
    crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: encode(SALT), info: encode(info) },
      secret,
      algorithm,
      false,
      uses,
    );
  return {
    names: await derive("names", { name: "HMAC", hash: "SHA-256", length: 256 }, ["sign"]),
    values: await derive("values", { name: "AES-GCM", length: 256 }, ["encrypt", "decrypt"]),
  };
}
