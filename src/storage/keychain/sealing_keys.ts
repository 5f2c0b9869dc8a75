import type { KeychainItem } from "./keychain_item.ts";
import { KeychainFailure } from "./keychain_failure.ts";
import { createSealingKey, formatItem, parseItem, type SealingKey } from "./sealing_key.ts";

/** How long after a failure the keychain is not asked again: a login asks several times, its person once. */
const PAUSE_MS = 10_000;

/** Longer than another process takes from seeing that there is no key to writing one, in milliseconds. */
const SETTLING_MS = 250;

/** The key in the keychain, read once. */
export class SealingKeys {
  readonly #item: KeychainItem;
  #key: SealingKey | undefined;
  #failure: { error: KeychainFailure; at: number } | undefined;

  constructor(item: KeychainItem) {
    this.#item = item;
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

  /** The key; a new one where there is none, or something that is no key. It is read back before it is used. */
  async getOrCreate(): Promise<SealingKey> {
    const key = await this.get(always).catch((error) => {
      if (error instanceof KeychainFailure && error.reason === "damaged") return null;
      throw error;
    });
    if (key) return key;
    return await this.#remembering(async () => {
      await this.#item.write(formatItem(await createSealingKey()));
      this.#failure = undefined;
      // Another process, for another profile, may create one at the same time: what remains counts.
      await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
      const stored = await this.get(always);
      if (!stored) throw new KeychainFailure("failed", { detail: "it did not keep a new key" });
      return stored;
    });
  }

  async #remembering<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (error instanceof KeychainFailure) this.#failure = { error, at: performance.now() };
      throw error;
    }
  }
}

function always(): Promise<boolean> {
  return Promise.resolve(true);
}
