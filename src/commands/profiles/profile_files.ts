import type { ResolvedConfig } from "../../client/command_access.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { readOwnFile } from "../../storage/read_own_file.ts";
import { fileError } from "../../storage/file_error.ts";
import { writeOwnFile } from "../../storage/write_own_file.ts";
import { DEFAULT_PROFILE } from "./profile_name.ts";
import { type ProfilePaths, profilePaths } from "./profile_paths.ts";
import { formatProfile, parseProfileRecord, type ProfileRecord } from "./profile_record.ts";

/** What profile files are opened with. */
export interface ProfileFilesOptions {
  runtime: Runtime;
  config: ResolvedConfig;
  /** Hears of a corrupt file that was set aside. */
  onSetAside: (from: string, to: string) => void;
}

/**
 * The profiles of a configuration, one file each, so that a corrupt one spoils no other. Where credentials live in memory
 * only, there are none.
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

  /** What is known of a profile; `null` when nothing is. */
  async read(name: string): Promise<ProfileRecord | null> {
    const record = this.areKept ? await this.#readFile(this.#paths.of(name), parseProfileRecord) : null;
    return record?.name === name ? record : null;
  }

  /** All of which something is known, by name, the default one first. */
  async list(): Promise<ProfileRecord[]> {
    if (!this.areKept) return [];
    const { folder, named, of } = this.#paths;
    const fileNames = (await this.#options.runtime.files.list(folder)).sort();
    const paths = [of(DEFAULT_PROFILE), ...fileNames.map(named).filter((path) => path !== undefined)];
    const found: ProfileRecord[] = [];
    for (const path of paths) {
      const record = await this.#readFile(path, parseProfileRecord);
      // A copy under another name is no second profile of that name.
      if (record && of(record.name) === path) found.push(record);
    }
    return found;
  }

  /** Writes down what is known of a profile. */
  async write(record: ProfileRecord): Promise<void> {
    if (this.areKept) {
      await writeOwnFile(this.#options.runtime, this.#paths.of(record.name), formatProfile(record));
    }
  }

  /** Forgets a profile. */
  async remove(name: string): Promise<void> {
    if (this.areKept) await this.#removeFile(this.#paths.of(name));
    if (await this.chosen() === name) await this.choose(DEFAULT_PROFILE);
  }

  /** The profile that is used where nothing else says so; `undefined` when none was chosen. */
  async chosen(): Promise<string | undefined> {
    if (!this.areKept) return undefined;
    const parse = (text: string) =>
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\n$/.test(text) ? text.trim() : undefined;
    return await this.#readFile(this.#paths.chosen, parse) ?? undefined;
  }

  /** Chooses the profile that is used where nothing else says so. */
  async choose(name: string): Promise<void> {
    if (!this.areKept) return;
    if (name === DEFAULT_PROFILE) return await this.#removeFile(this.#paths.chosen);
    await writeOwnFile(this.#options.runtime, this.#paths.chosen, `${name}\n`);
  }

  get #paths(): ProfilePaths {
    return profilePaths(this.#options.runtime, this.#options.config);
  }

  async #readFile<Content>(
    path: string,
    parse: (text: string) => Content | undefined,
  ): Promise<Content | null> {
    const { runtime, onSetAside } = this.#options;
    return (await readOwnFile(path, { runtime, parse, onSetAside })).content;
  }

  async #removeFile(path: string): Promise<void> {
    await this.#options.runtime.files.remove(path).catch((error) => {
      throw fileError("remove", path, error);
    });
  }
}
