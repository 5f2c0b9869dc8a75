import { parseJsonObject } from "../../core/encoding.ts";
import { seal, unseal } from "../../core/sealing.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type CredentialEntries, parseEntries } from "../file_store.ts";
import { sealedFilePath } from "../location.ts";
import { corrupt, type OwnFile, readOwnFile, type WriteOptions } from "../own_file.ts";
import { KeychainFailure } from "./keychain.ts";
import { isGenuine, type SealingKey } from "./sealing_key.ts";

/** What a sealed file is made of. */
export interface SealedFileOptions {
  runtime: Runtime;
  /** The credential file that would hold the same in the clear. */
  path: string;
  /** Without an issuer it is that of whatever is stored. */
  scope: Omit<SealedScope, "issuer"> & { readonly issuer: string | undefined };
  /** Called when a corrupt file was set aside. */
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
   * An entry; `null` if there is none.
   *
   * @throws {ClerkCliAuthError} `storage` when it cannot be read, or was corrupt and has been set aside; `keychain`
   * when the key is not the one that its id names.
   */
  async get(key: string): Promise<string | null> {
    const { content, text, setAside } = await this.#read();
    if (setAside !== undefined) throw corrupt(this.path, setAside);
    const sealed = content?.entries.get(key);
    if (!content || sealed === undefined) return null;
    const value = await unseal(sealed, this.#key.crypto, entryContext(content, key));
    return value ?? await this.#refuse(text);
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
    const { removeOwnFile } = await import("../own_file.ts");
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
    const { writeOwnFile } = await import("../own_file.ts");
    await writeOwnFile(this.#options.runtime, this.path, formatSealedContent(content), options);
  }

  /** An entry does not unseal: the key is wrong, or the file. */
  async #refuse(text: string | undefined): Promise<never> {
    if (!await isGenuine(this.#key)) throw new KeychainFailure("damaged");
    const { runtime, onSetAside } = this.#options;
    const { setAside } = await import("../own_file.ts");
    const aside = await setAside(runtime, this.path, text);
    if (aside !== undefined) onSetAside?.(this.path, aside);
    throw corrupt(this.path, aside);
  }
}

/** What sealed entries belong to. It is in the clear beside them, and bound to each. */
interface SealedScope {
  readonly issuer: string;
  readonly clientId: string;
  readonly environment: string;
  readonly profile: string | undefined;
}

/** What a sealed file holds. */
export interface SealedContent {
  readonly scope: SealedScope;
  readonly keyId: string;
  /** The sealed texts by their keys. */
  readonly entries: CredentialEntries;
}

/** The version of the format. */
const VERSION = 1;

/** Reads the text of a sealed file; `undefined` if it is torn, corrupt or of another kind. */
export function parseSealedContent(text: string): SealedContent | undefined {
  const { version, keyId, issuer, clientId, environment, profile, entries } = parseJsonObject(text) ?? {};
  const sealed = parseEntries(entries);
  if (version !== VERSION || !sealed) return undefined;
  if (typeof keyId !== "string" || typeof issuer !== "string") return undefined;
  if (typeof clientId !== "string" || typeof environment !== "string") return undefined;
  if (profile !== undefined && typeof profile !== "string") return undefined;
  return { scope: { issuer, clientId, environment, profile }, keyId, entries: sealed };
}

/** The text of a sealed file. */
export function formatSealedContent({ scope, keyId, entries }: SealedContent): string {
  const file = { version: VERSION, keyId, ...scope, entries: Object.fromEntries(entries) };
  return `${JSON.stringify(file)}\n`;
}

/** The associated data of an entry: one that was moved elsewhere is not unsealed there. */
export function entryContext(
  { scope, keyId }: Omit<SealedContent, "entries">,
  key: string,
): string {
  const { issuer, clientId, environment, profile = null } = scope;
  return JSON.stringify([VERSION, issuer, clientId, environment, key, keyId, profile]);
}
