import { encodeBase64Url, parseJsonObject } from "../../core/encoding.ts";
import { seal, unseal } from "../../core/sealing.ts";
import { shared, withDeadline } from "../limits/single_flight.ts";
import { frozen, type TokenInfo } from "../token/token_info.ts";
import type { TokenCache } from "./token_cache.ts";

/** A verified token, and until when it may be taken without asking Clerk (Unix time in milliseconds). */
export interface RememberedToken {
  info: TokenInfo;
  expiresAt: number;
}

/** What a {@linkcode SealedCache} works with. */
export interface SealedCacheOptions {
  store: TokenCache;
  /** The Clerk secret key: instances with different ones never share an entry. */
  secretKey: () => string;
  /** Under what a token was verified: verifiers with another policy never share an entry. */
  context: string;
  /** Hears of a store that fails; verification then goes on without it, whatever comes of that. */
  onError: (error: unknown) => void;
  timeoutMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

interface Keys {
  names: CryptoKey;
  values: CryptoKey;
}

const SALT = "@clerk/cli-auth token cache 1";
const PREFIX = "clerk-cli-auth:1:";

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/**
 * Verified tokens in a store outside the process. A name there is an HMAC of the token, a value is sealed for its name
 * with AES-256-GCM, both under keys derived from the Clerk secret key (HKDF, RFC 5869): whoever can read the store
 * learns neither tokens nor identities, and whoever can write to it can forge or move none.
 */
export class SealedCache {
  readonly #options: SealedCacheOptions;
  readonly #keys: () => Promise<Keys>;

  constructor(options: SealedCacheOptions) {
    const { now, timeoutMs } = options;
    this.#options = options;
    this.#keys = shared(() => deriveKeys(options.secretKey()), { now, maxAgeMs: timeoutMs });
  }

  /** What is remembered of a token; nothing when the entry is missing, expired or not ours. */
  async get(token: string): Promise<RememberedToken | undefined> {
    const keys = await this.#keys();
    const { store, now } = this.#options;
    return await this.#attempt(async () => {
      const name = await this.#name(keys, token);
      const sealed = await store.get(name);
      // What does not unseal was not sealed by us for this name: as good as not there.
      const text = sealed ? await unseal(sealed, keys.values, name) : undefined;
      const remembered = text && parseJsonObject(text) as RememberedToken | undefined;
      return remembered && remembered.expiresAt > now() ? frozen(remembered) : undefined;
    });
  }

  /** Remembers a token. */
  async set(token: string, remembered: RememberedToken): Promise<void> {
    const keys = await this.#keys();
    const { store, now } = this.#options;
    await this.#attempt(async () => {
      const name = await this.#name(keys, token);
      const sealed = await seal(JSON.stringify(remembered), keys.values, name);
      const ttlMs = remembered.expiresAt - now();
      // A verification that took longer than its result may be kept leaves nothing to keep.
      if (ttlMs > 0) await store.set(name, sealed, { ttlMs });
    });
  }

  async #name({ names }: Keys, token: string): Promise<string> {
    const text = JSON.stringify([this.#options.context, token]);
    return PREFIX + encodeBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", names, encode(text))));
  }

  async #attempt<T>(operation: () => Promise<T>): Promise<T | undefined> {
    try {
      return await withDeadline(operation, this.#options.timeoutMs, "The store of the cache");
    } catch (error) {
      void this.#report(error);
      return undefined;
    }
  }

  async #report(error: unknown): Promise<void> {
    try {
      await this.#options.onError(error);
    } catch {
      // There is no one left to tell.
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
