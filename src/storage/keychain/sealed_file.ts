import { parseJsonObject } from "../../core/encoding.ts";
import { seal, unseal } from "../../core/sealing.ts";
import {
  type CredentialEntries,
  type FileStoreOptions,
  isStrings,
  listSealedKeyIds,
  parseEntries,
} from "../file_store.ts";
import { sealedFilePath } from "../location.ts";
import { corrupt, FORMAT_VERSION, readOwnFile, type WriteOptions } from "../own_file.ts";
import { KeychainFailure } from "./keychain.ts";
import { isGenuine, type SealingKey } from "./sealing_key.ts";

/** Options of a sealed file. `path` is that of the credential file in the clear. */
export interface SealedFileOptions extends FileStoreOptions {
  /** What the entries belong to. An absent part matches anything. */
  scope?: Omit<SealedScope, "issuer"> & { readonly issuer: string | undefined };
}

interface SealOptions extends WriteOptions {
  /** Whether to keep the other entries. */
  keepsOthers: boolean;
  /** Whether to retire the entries that are replaced. */
  retires?: boolean;
}

/** Only the latest are kept, or an issuer that is never reached would fill the file. */
const MAX_RETIRED = 8;

/** The entries of a scope that are sealed with one key. Only methods that are given the key open them. */
export class SealedFile {
  readonly path: string;
  readonly #options: SealedFileOptions;
  readonly #keyId: string;

  constructor(options: SealedFileOptions, keyId: string) {
    this.path = sealedFilePath(options.path, keyId);
    this.#options = options;
    this.#keyId = keyId;
  }

  /**
   * Reads an entry; `null` if there is none.
   *
   * @throws {ClerkCliAuthError} `storage` if the file is corrupt or unreadable; `keychain` if the key does not match
   * its id.
   */
  async get(name: string, key: SealingKey): Promise<string | null> {
    const content = await this.#readStrictly();
    const sealed = content?.entries.get(name);
    return content && sealed !== undefined ? await this.#unseal(sealed, { content, name, key }) : null;
  }

  /** Whether it has entries that are not retired. */
  async isInUse(): Promise<boolean> {
    return ((await this.#readStrictly())?.entries.size ?? 0) > 0;
  }

  /** Seals and writes entries, in addition to the existing ones or instead of them. */
  async write(
    entries: CredentialEntries,
    key: SealingKey,
    { keepsOthers, retires = false, ...options }: SealOptions,
  ): Promise<void> {
    const before = await this.#read();
    const content = this.#contentAfter(before, { keepsOthers });
    for (const [name, value] of entries) {
      const replaced = before?.entries.get(name);
      if (retires && replaced !== undefined) content.retired.push(replaced);
      content.entries.set(name, await seal(value, key.crypto, entryContext(content, name)));
    }
    await this.#write(content, options);
  }

  /** Removes an entry, and with the last one the file. */
  async delete(name: string): Promise<void> {
    const content = await this.#read();
    if (content?.entries.delete(name)) await this.#write(content);
    else if (!content) await this.#remove(); // A corrupt file, or leftovers of killed writers.
  }

  /** Retires an entry without opening it. Returns whether there was one. */
  async retire(name: string, { keepsOthers }: { keepsOthers: boolean }): Promise<boolean> {
    const content = await this.#read();
    const sealed = content?.entries.get(name);
    if (!content) return false;
    if (keepsOthers) content.entries.delete(name);
    else content.entries.clear();
    if (sealed !== undefined) content.retired.push(sealed);
    await this.#write(content);
    return sealed !== undefined;
  }

  async hasRetired(): Promise<boolean> {
    return ((await this.#read())?.retired.length ?? 0) > 0;
  }

  /** Opens the retired entries of a name. Any that cannot be opened is lost. */
  async retired(name: string, key: SealingKey): Promise<string[]> {
    const content = await this.#read();
    if (!content) return [];
    const opened = content.retired.map((sealed) => unseal(sealed, key.crypto, entryContext(content, name)));
    return (await Promise.all(opened)).filter((value) => value !== undefined);
  }

  async setRetired(name: string, values: readonly string[], key: SealingKey): Promise<void> {
    const content = this.#contentAfter(await this.#read(), { keepsOthers: true });
    const sealed = values.map((value) => seal(value, key.crypto, entryContext(content, name)));
    await this.#write({ ...content, retired: await Promise.all(sealed) });
  }

  /** Prepares the content to write, bound to the scope. */
  #contentAfter(before: SealedContent | null, { keepsOthers }: { keepsOthers: boolean }): SealedContent {
    const { clientId, environment, profile, issuer = before?.scope.issuer ?? "" } = this.#options.scope!;
    return {
      scope: { issuer, clientId, environment, profile },
      keyId: this.#keyId,
      entries: new Map(keepsOthers ? before?.entries : undefined),
      retired: [...before?.retired ?? []],
    };
  }

  async #readStrictly(): Promise<SealedContent | null> {
    const { content, isCorrupt } = await this.#readFile();
    if (isCorrupt) throw corrupt(this.path);
    return content;
  }

  /** Reads before a write: a corrupt file counts as empty. */
  async #read(): Promise<SealedContent | null> {
    return (await this.#readFile()).content;
  }

  /** A file of another scope counts as absent. */
  async #readFile() {
    const { runtime, scope } = this.#options;
    const file = await readOwnFile(this.path, { runtime, parse: parseSealedContent });
    const stored = file.content?.scope;
    const isForeign = stored && scope && (stored.issuer !== (scope.issuer ?? stored.issuer) ||
      stored.clientId !== scope.clientId || stored.environment !== scope.environment ||
      stored.profile !== scope.profile);
    return isForeign ? { content: null } : file;
  }

  async #write(content: SealedContent, options?: WriteOptions): Promise<void> {
    if (content.entries.size === 0 && content.retired.length === 0) return await this.#remove();
    const { writeOwnFile } = await import("../own_file.ts");
    await writeOwnFile(this.#options.runtime, this.path, formatSealedContent(content), options);
  }

  async #remove(): Promise<void> {
    const { removeOwnFile } = await import("../own_file.ts");
    await removeOwnFile(this.#options.runtime, this.path);
  }

  /** An entry that does not unseal is corrupt, or the key is wrong. */
  async #unseal(
    sealed: string,
    { content, name, key }: { content: SealedContent; name: string; key: SealingKey },
  ): Promise<string> {
    const value = await unseal(sealed, key.crypto, entryContext(content, name));
    if (value !== undefined) return value;
    throw await isGenuine(key) ? corrupt(this.path) : new KeychainFailure("damaged");
  }
}

/** Retires an entry of all sealed files, whatever their key, and drops their other entries. */
export async function retireSealed(options: SealedFileOptions, name: string): Promise<void> {
  for (const keyId of await listSealedKeyIds(options)) {
    await new SealedFile(options, keyId).retire(name, { keepsOthers: false });
  }
}

/** What sealed entries belong to: stored in the clear next to them, and bound to each. */
interface SealedScope {
  readonly issuer: string;
  readonly clientId: string;
  readonly environment: string;
  readonly profile: string | undefined;
}

export interface SealedContent {
  readonly scope: SealedScope;
  readonly keyId: string;
  /** Sealed values by name. */
  readonly entries: CredentialEntries;
  /** Sealed values no longer in use, whose tokens must still be revoked. */
  readonly retired: string[];
}

/** Parses a sealed file; `undefined` if it is torn, corrupt or of another kind. */
export function parseSealedContent(text: string): SealedContent | undefined {
  const { version, keyId, issuer, clientId, environment, profile, entries, retired = [] } =
    parseJsonObject(text) ?? {};
  const sealed = parseEntries(entries);
  if (version !== FORMAT_VERSION || !sealed || !isStrings(retired)) return undefined;
  if (typeof keyId !== "string" || typeof issuer !== "string") return undefined;
  if (typeof clientId !== "string" || typeof environment !== "string") return undefined;
  if (profile !== undefined && typeof profile !== "string") return undefined;
  return { scope: { issuer, clientId, environment, profile }, keyId, entries: sealed, retired };
}

export function formatSealedContent({ scope, keyId, entries, retired }: SealedContent): string {
  const file = {
    version: FORMAT_VERSION,
    keyId,
    ...scope,
    entries: Object.fromEntries(entries),
    ...(retired.length > 0 && { retired: retired.slice(-MAX_RETIRED) }),
  };
  return `${JSON.stringify(file)}\n`;
}

/** Associated data of an entry: it does not unseal anywhere else. */
export function entryContext(
  { scope, keyId }: Pick<SealedContent, "scope" | "keyId">,
  key: string,
): string {
  const { issuer, clientId, environment, profile = null } = scope;
  return JSON.stringify([FORMAT_VERSION, issuer, clientId, environment, key, keyId, profile]);
}
