import { decodeBase64Url, encodeBase64Url } from "../../core/encoding.ts";
import { importSealingKey } from "../../core/sealing.ts";
import { stopSignal, ticks } from "../../core/time.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { keyLockPath } from "../location.ts";
import { credentialLock } from "../lock/lock.ts";
import { otherVersion } from "../own_file.ts";
import { KeychainFailure, type KeychainFailureReason, type KeychainItem } from "./keychain.ts";
import type { ItemName } from "./secret_service.ts";

/** Failures that may involve the user. */
const PERSONAL: readonly KeychainFailureReason[] = ["locked", "unanswered"];

/** How long the keychain is left alone after such a failure: a login reads it several times but should prompt once. */
const PAUSE_MS = 10_000;

/** Runs a task while no other process creates the key. */
type Exclusively = <T>(task: () => Promise<T>) => Promise<T>;

/** The key in the keychain, read once. */
export class SealingKeys {
  readonly #item: KeychainItem;
  readonly #exclusively: Exclusively;
  #key: SealingKey | undefined;
  #failure: { error: KeychainFailure; at: number } | undefined;

  constructor(item: KeychainItem, exclusively: Exclusively) {
    this.#item = item;
    this.#exclusively = exclusively;
  }

  /**
   * Reads the key; `null` if there is none.
   *
   * @param mayPrompt Whether the key is worth prompting the user to unlock the keychain.
   * @throws {KeychainFailure} If the keychain is unavailable or holds something else.
   * @throws {ClerkCliAuthError} `storage` if a newer version of this package made the key.
   */
  async get(mayPrompt: () => Promise<boolean>): Promise<SealingKey | null> {
    if (this.#key) return this.#key;
    if (this.#failure && ticks() - this.#failure.at < PAUSE_MS) throw this.#failure.error;
    return await this.#remembering(async () => {
      const text = await this.#item.read({ mayPrompt });
      if (text === null) return null;
      this.#key = await parseItem(text);
      if (!this.#key) throw new KeychainFailure("damaged");
      return this.#key;
    });
  }

  /** Reads the key. Creates one if there is none, or the item holds something else. */
  async getOrCreate(): Promise<SealingKey> {
    return await this.#usable() ??
      await this.#exclusively(async () => await this.#usable() ?? await this.#create());
  }

  /** Reads a new key back before it is used. */
  async #create(): Promise<SealingKey> {
    return await this.#remembering(async () => {
      await this.#item.write(formatItem(await createSealingKey()));
      const stored = await this.get(always);
      if (!stored) throw new KeychainFailure("failed", { detail: "it did not keep a new key" });
      return stored;
    });
  }

  async #usable(): Promise<SealingKey | null> {
    try {
      return await this.get(always);
    } catch (error) {
      if (error instanceof KeychainFailure && error.reason === "damaged") return null;
      throw error;
    }
  }

  async #remembering<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      const isPersonal = error instanceof KeychainFailure && PERSONAL.includes(error.reason);
      if (isPersonal) this.#failure = { error, at: ticks() };
      throw error;
    }
  }
}

function always(): Promise<boolean> {
  return Promise.resolve(true);
}

/** A key that seals records. */
export interface SealingKey {
  /** Names the key without revealing it: the start of its SHA-256 digest, in hex. */
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly crypto: CryptoKey;
}

const VERSION = "v1";
const KEY_BYTES = 32;

export async function createSealingKey(): Promise<SealingKey> {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return { id: await keyId(bytes), bytes, crypto: await importSealingKey(bytes) };
}

/** Formats the keychain item: version, id and key, separated by dots. */
export function formatItem({ id, bytes }: SealingKey): string {
  return `${VERSION}.${id}.${encodeBase64Url(bytes)}`;
}

/**
 * Parses the keychain item; `undefined` if it holds something else.
 *
 * @throws {ClerkCliAuthError} `storage` if a newer version of this package made the key, which must not be replaced.
 */
async function parseItem(text: string): Promise<SealingKey | undefined> {
  const [version, id = "", encoded = ""] = text.split(".");
  if (version !== VERSION && /^v\d+$/.test(version!)) throw otherVersion("the key in the keychain");
  if (version !== VERSION || !/^[0-9a-f]{16}$/.test(id) || !/^[\w-]{43}$/.test(encoded)) return undefined;
  const bytes = decodeBase64Url(encoded);
  return { id, bytes, crypto: await importSealingKey(bytes) };
}

/** Whether a key matches its id. */
export async function isGenuine({ id, bytes }: SealingKey): Promise<boolean> {
  return await keyId(bytes) === id;
}

async function keyId(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface KeyCreationOptions {
  runtime: Runtime;
  /** A credential file that the key seals. */
  path: string;
  item: ItemName;
}

/** How long another process may take to create the key: its user may have to unlock the keychain. */
const CREATION_DEADLINE_MS = 30_000;

/** Runs a task while no other process creates the key. Profiles share the key, but each has its own lock. */
export async function whileCreatingKey<T>(
  { runtime, path, item }: KeyCreationOptions,
  task: () => Promise<T>,
): Promise<T> {
  const lock = credentialLock({ runtime, path: keyLockPath(runtime, path, item.username) });
  const timedOut = () => new KeychainFailure("failed", { detail: "another process is creating its key" });
  const stop = stopSignal({ timeoutMs: CREATION_DEADLINE_MS, timedOut });
  try {
    return await lock.withLock(task, { signal: stop.signal });
  } finally {
    stop.release();
  }
}
