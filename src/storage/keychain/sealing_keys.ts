import type { KeychainItem } from "./keychain_item.ts";
import { KeychainFailure, type KeychainFailureReason } from "./keychain_failure.ts";
import { createSealingKey, formatItem, parseItem, type SealingKey } from "./sealing_key.ts";

/** What a person may have to do with. */
const PERSONAL: readonly KeychainFailureReason[] = ["locked", "unanswered"];

/** How long after such a failure the keychain is not asked again: a login asks several times, its person once. */
const PAUSE_MS = 10_000;

/** Runs a task while no other process creates a key. */
export type Exclusively = <T>(task: () => Promise<T>) => Promise<T>;

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
   * The key; `null` when there is none.
   *
   * @param mayPrompt Tells whether the key is worth asking the person to unlock the keychain.
   * @throws {KeychainFailure} When the keychain does not serve or holds something else.
   */
  async get(mayPrompt: () => Promise<boolean>): Promise<SealingKey | null> {
    if (this.#key) return this.#key;
    if (this.#failure && performance.now() - this.#failure.at < PAUSE_MS) throw this.#failure.error;
    return await this.#remembering(async () => {
      const text = await this.#item.read({ mayPrompt });
      if (text === null) return null;
      this.#key = await parseItem(text);
      if (!this.#key) throw new KeychainFailure("damaged");
      return this.#key;
    });
  }

  /** The key; a new one where there is none, or something that is no key. */
  async getOrCreate(): Promise<SealingKey> {
    return await this.#usable() ??
      await this.#exclusively(async () => await this.#usable() ?? await this.#create());
  }

  /** A new key is read back before it is used. */
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
      if (isPersonal) this.#failure = { error, at: performance.now() };
      throw error;
    }
  }
}

function always(): Promise<boolean> {
  return Promise.resolve(true);
}
