import type { Runtime } from "../../runtime/runtime.ts";
import type { CredentialEntries } from "../credential_file.ts";
import { sealedFilePath } from "../location.ts";
import { corrupt, type OwnFile, readOwnFile, required } from "../read_own_file.ts";
import type { WriteOptions } from "../write_own_file.ts";
import { KeychainFailure } from "./keychain_failure.ts";
import { seal, unseal } from "./seal.ts";
import {
  entryContext,
  formatSealedContent,
  parseSealedContent,
  type SealedContent,
  type SealedScope,
} from "./sealed_content.ts";
import { isGenuine, type SealingKey } from "./sealing_key.ts";

/** What a sealed file is made of. */
export interface SealedFileOptions {
  runtime: Runtime;
  /** The credential file that would hold the same in the clear. */
  path: string;
  /** Without an issuer it is that of whatever is stored. */
  scope: Omit<SealedScope, "issuer"> & { readonly issuer: string | undefined };
  /** Hears of a corrupt file that was set aside. */
  onSetAside?: ((from: string, to: string) => void) | undefined;
}

/** The entries of a scope that are sealed with one key. */
export class SealedFile {
  readonly path: string;
  readonly #options: SealedFileOptions;
  readonly #key: SealingKey;

  constructor(options: SealedFileOptions, key: SealingKey) {
    this.path = sealedFilePath(options.path, key.id);
    this.#options = options;
    this.#key = key;
  }

  /**
   * An entry; `null` when there is none.
   *
   * @throws {ClerkCliAuthError} `storage` when it cannot be read, or was corrupt and has been set aside; `keychain` when
   * the key is not the one that its id names.
   */
  async get(key: string): Promise<string | null> {
    const file = await this.#read();
    const content = required(this.path, file);
    const sealed = content?.entries.get(key);
    if (!content || sealed === undefined) return null;
    const value = await unseal(sealed, this.#key.crypto, entryContext(content, key));
    return value ?? await this.#refuse(file.text);
  }

  /** Writes entries, beside those that are there already or in their place. */
  async write(
    entries: CredentialEntries,
    { keepsOthers, ...options }: WriteOptions & { keepsOthers: boolean },
  ): Promise<void> {
    const { content } = await this.#read();
    const issuer = this.#options.scope.issuer ?? content?.scope.issuer ?? "";
    const written: SealedContent = {
      scope: { ...this.#options.scope, issuer },
      keyId: this.#key.id,
      entries: new Map(keepsOthers ? content?.entries : undefined),
    };
    for (const [key, value] of entries) {
      written.entries.set(key, await seal(value, this.#key.crypto, entryContext(written, key)));
    }
    await this.#write(written, options);
  }

  /** Removes an entry, and with the last one the file. */
  async delete(key: string): Promise<void> {
    const { content } = await this.#read();
    content?.entries.delete(key);
    if (content && content.entries.size > 0) await this.#write(content);
    else await this.remove();
  }

  async remove(): Promise<void> {
    const { removeOwnFile } = await import("../remove_own_file.ts");
    await removeOwnFile(this.#options.runtime, this.path);
  }

  /** What belongs to another issuer is as good as not there. */
  async #read(): Promise<OwnFile<SealedContent>> {
    const { scope } = this.#options;
    const file = await readOwnFile(this.path, { ...this.#options, parse: parseSealedContent });
    const stored = file.content?.scope;
    const isForeign = stored && (stored.issuer !== (scope.issuer ?? stored.issuer) ||
      stored.clientId !== scope.clientId || stored.environment !== scope.environment ||
      stored.profile !== scope.profile);
    return isForeign ? { content: null } : file;
  }

  async #write(content: SealedContent, options?: WriteOptions): Promise<void> {
    const { writeOwnFile } = await import("../write_own_file.ts");
    await writeOwnFile(this.#options.runtime, this.path, formatSealedContent(content), options);
  }

  /** An entry does not unseal: the key is wrong, or the file. */
  async #refuse(text: string | undefined): Promise<never> {
    if (!await isGenuine(this.#key)) throw new KeychainFailure("damaged");
    const { runtime, onSetAside } = this.#options;
    const { setAside } = await import("../set_aside.ts");
    const aside = await setAside(runtime, this.path, text);
    if (aside !== undefined) onSetAside?.(this.path, aside);
    throw corrupt(this.path, aside);
  }
}
