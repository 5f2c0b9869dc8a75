import type { Awaitable } from "../../core/time.ts";

/**
 * A store outside this process, in which verified tokens are remembered. It is trusted with nothing: what it is given
 * is sealed, and what it gives back is believed only if it was.
 */
export interface TokenCache {
  /**
   * Reads a value.
   *
   * @param key The key.
   * @returns The value; nothing when there is none.
   */
  get(key: string): Awaitable<string | null | undefined>;
  /**
   * Writes a value.
   *
   * @param key The key.
   * @param value The value.
   * @param options For how long it is of use, in milliseconds; the store may keep it longer.
   */
  set(key: string, value: string, options: { ttlMs: number }): Awaitable<void>;
  /**
   * Removes a value.
   *
   * @param key The key.
   */
  delete(key: string): Awaitable<void>;
}
