import type { Awaitable } from "../../core/time.ts";

/**
 * A store outside this process that remembers verified tokens. It need not be trusted: it only gets sealed values, and
 * what it returns is believed only if the seal is intact.
 */
export interface TokenCache {
  /**
   * Reads a value.
   *
   * @param key The key.
   * @returns The value; `null` or `undefined` if there is none.
   */
  get(key: string): Awaitable<string | null | undefined>;
  /**
   * Writes a value.
   *
   * @param key The key.
   * @param value The value.
   * @param options How long the value is useful, in milliseconds; the store may keep it longer.
   */
  set(key: string, value: string, options: { ttlMs: number }): Awaitable<void>;
  /**
   * Removes a value.
   *
   * @param key The key.
   */
  delete(key: string): Awaitable<void>;
}
