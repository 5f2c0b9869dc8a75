/** The options of a {@linkcode BoundedMap}. */
interface BoundedMapOptions {
  /** The size of all entries together, in bytes (estimated from their text). */
  maxBytes: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

interface Entry<V> {
  value: V;
  bytes: number;
  expiresAt: number;
}

const ENTRY_OVERHEAD = 128;

/** A map bounded in bytes whose entries expire; the least recently used make room for new ones. */
export class BoundedMap<V> {
  readonly #options: BoundedMapOptions;
  readonly #entries = new Map<string, Entry<V>>();
  #bytes = 0;

  constructor(options: BoundedMapOptions) {
    this.#options = options;
  }

  /** The value of a key, unless it has expired. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.expiresAt <= this.#options.now()) {
      this.delete(key);
      return undefined;
    }
    // Moved to the end: room is made at the start.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Sets a value of about `bytes` until `expiresAt`, Unix time in milliseconds. */
  set(key: string, value: V, { bytes, expiresAt }: { bytes: number; expiresAt: number }): void {
    const { maxBytes, now } = this.#options;
    this.delete(key);
    const entry = { value, bytes: key.length + bytes + ENTRY_OVERHEAD, expiresAt };
    if (entry.bytes > maxBytes || expiresAt <= now()) return;
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= maxBytes) return;
      this.delete(oldest);
    }
  }

  /** Removes a key. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
