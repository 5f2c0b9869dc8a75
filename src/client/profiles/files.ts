import type { ResolvedConfig } from "../config.ts";
import { DEFAULT_PROFILE } from "../resolve_config.ts";
import { parseJsonObject } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { baseName, credentialFilePath, parentDirectory, storedProfiles } from "../../storage/location.ts";
import { fileError, type OwnFile, readOwnFile, writeOwnFile } from "../../storage/own_file.ts";
import type { Account } from "../../core/account.ts";

interface ProfileFilesOptions {
  runtime: Runtime;
  config: ResolvedConfig;
}

/**
 * The profiles of a configuration. Each has its own file, so that a corrupt one does not affect the others.
 * There are none if credentials are kept in memory.
 */
export class ProfileFiles {
  readonly #options: ProfileFilesOptions;

  constructor(options: ProfileFilesOptions) {
    this.#options = options;
  }

  /** Whether profiles outlive the process. */
  get areKept(): boolean {
    return this.#options.config.storage !== "memory";
  }

  /** Reads what is known about a profile; `null` if nothing is. */
  async read(name: string): Promise<ProfileRecord | null> {
    const record = this.areKept
      ? await this.#require(this.#paths.of(name), parseProfileRecord, "Sign in or out again")
      : null;
    return record?.name === name ? record : null;
  }

  /** Lists all known profiles by name, the default profile first. */
  async list(): Promise<ProfileRecord[]> {
    if (!this.areKept) return [];
    const { directory, named, of } = this.#paths;
    const fileNames = (await this.#options.runtime.files.list(directory)).sort();
    const paths = [of(DEFAULT_PROFILE), ...fileNames.map(named).filter((path) => path !== undefined)];
    const found: ProfileRecord[] = [];
    for (const path of paths) {
      const { content: record } = await this.#readFile(path, parseProfileRecord);
      // A copy of a file under another name is not a second profile.
      if (record && of(record.name) === path) found.push(record);
    }
    return found;
  }

  /** Lists the profiles that have credentials here. */
  async withCredentials(): Promise<string[]> {
    if (!this.areKept) return [];
    const { runtime, config: { clientId, environment } } = this.#options;
    const path = credentialFilePath(runtime, { application: clientId, environment });
    return storedProfiles(path, await runtime.files.list(parentDirectory(runtime, path)));
  }

  async write(record: ProfileRecord): Promise<void> {
    if (this.areKept) {
      await writeOwnFile(this.#options.runtime, this.#paths.of(record.name), formatProfile(record));
    }
  }

  /** Removes a profile. */
  async remove(name: string): Promise<void> {
    if (this.areKept) await this.#removeFile(this.#paths.of(name));
    const chosen = await this.chosen().catch(() => undefined); // A corrupt choice is not this profile.
    if (chosen === name) await this.choose(DEFAULT_PROFILE);
  }

  /** Returns the profile chosen with `profiles use`; `undefined` if there is none. */
  async chosen(): Promise<string | undefined> {
    if (!this.areKept) return undefined;
    const parse = (text: string) =>
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\n$/.test(text) ? text.trim() : undefined;
    return await this.#require(this.#paths.chosen, parse, "Choose a profile again (`profiles use NAME`)") ??
      undefined;
  }

  /** Chooses the profile to use if nothing else names one. */
  async choose(name: string): Promise<void> {
    if (!this.areKept) return;
    if (name === DEFAULT_PROFILE) return await this.#removeFile(this.#paths.chosen);
    await writeOwnFile(this.#options.runtime, this.#paths.chosen, `${name}\n`);
  }

  get #paths(): ProfilePaths {
    return profilePaths(this.#options.runtime, this.#options.config);
  }

  /**
   * Reads a file that must be valid if it exists.
   *
   * @throws {ClerkCliAuthError} `storage` if it is corrupt.
   */
  async #require<Content>(
    path: string,
    parse: (text: string) => Content | undefined,
    remedy: string,
  ): Promise<Content | null> {
    const { content, isCorrupt } = await this.#readFile(path, parse);
    if (!isCorrupt) return content;
    throw new ClerkCliAuthError("storage", `The profile file ${path} is corrupt`, {
      action: `${remedy}, or remove the file`,
    });
  }

  #readFile<Content>(path: string, parse: (text: string) => Content | undefined): Promise<OwnFile<Content>> {
    return readOwnFile(path, { runtime: this.#options.runtime, parse });
  }

  async #removeFile(path: string): Promise<void> {
    await this.#options.runtime.files.remove(path).catch((error) => {
      throw fileError("remove", path, error);
    });
  }
}

/** The paths of profile files, beside the credential files. */
interface ProfilePaths {
  directory: string;
  /** The file with the choice of `profiles use`. */
  chosen: string;
  of(name: string): string;
  /** Returns the path of a file in the directory if it belongs to a named profile. */
  named(fileName: string): string | undefined;
}

function profilePaths(runtime: Runtime, { clientId, environment }: ResolvedConfig): ProfilePaths {
  const beside = (path: string, fileName: string) => path.slice(0, -baseName(path).length) + fileName;
  const pathOf = (kind: string, profile?: string) => {
    const path = credentialFilePath(runtime, { application: clientId, environment, profile });
    return beside(path, baseName(path).replace(/^credentials/, kind));
  };
  const plain = pathOf("profile");
  const prefix = baseName(plain).replace(/\.json$/, "@");
  return {
    directory: parentDirectory(runtime, plain),
    chosen: pathOf("chosen-profile"),
    of: (name) => name === DEFAULT_PROFILE ? plain : pathOf("profile", name),
    named: (fileName) =>
      fileName.startsWith(prefix) && fileName.endsWith(".json") ? beside(plain, fileName) : undefined,
  };
}

/** What is known about a profile: its account and issuer. */
export interface ProfileRecord {
  /** The name; `default` for the default profile. */
  name: string;
  issuer: string;
  clientId: string;
  account: Account;
}

const VERSION = 1;
const KINDS: readonly string[] = ["user", "organization", "machine", "scim"] satisfies Account["kind"][];

/** Formats a profile file. */
export function formatProfile(record: ProfileRecord): string {
  return `${JSON.stringify({ version: VERSION, ...record })}\n`;
}

/** Parses a profile file; `undefined` if it is corrupt. */
export function parseProfileRecord(text: string): ProfileRecord | undefined {
  const file = parseJsonObject(text);
  if (file?.version !== VERSION) return undefined;
  const { name, issuer, clientId, account } = file;
  const isComplete = [name, issuer, clientId].every((value) => typeof value === "string") &&
    isAccount(account);
  return isComplete ? { name, issuer, clientId, account } as ProfileRecord : undefined;
}

function isAccount(value: unknown): value is Account {
  if (typeof value !== "object" || value === null) return false;
  const { subject, kind, name, email, organization } = value as Record<string, unknown>;
  return typeof subject === "string" && subject !== "" && KINDS.includes(String(kind)) &&
    isOptionalText(name) && isOptionalText(email) && isOrganization(organization);
}

function isOrganization(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const { id, name, slug } = value as Record<string, unknown>;
  return typeof id === "string" && isOptionalText(name) && isOptionalText(slug);
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}
