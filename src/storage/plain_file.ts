import type { Runtime } from "../runtime/runtime.ts";
import {
  type CredentialFile,
  emptyCredentialFile,
  formatCredentialFile,
  parseCredentialFile,
} from "./credential_file.ts";
import { fileError } from "./file_error.ts";
import { parentFolder, sealedKeyIds } from "./location.ts";
import { type OwnFile, readOwnFile, required } from "./read_own_file.ts";
import type { WriteOptions } from "./write_own_file.ts";

/** What a plain file is made of. */
export interface PlainFileOptions {
  runtime: Runtime;
  path: string;
  /** Hears of a corrupt file that was set aside. */
  onSetAside?: ((from: string, to: string) => void) | undefined;
}

/**
 * The credential file in the clear. As long as it is there, it counts and not the sealed records that it names: so two
 * runs that see different keychains agree on what is stored.
 */
export class PlainFile {
  readonly #options: PlainFileOptions;

  constructor(options: PlainFileOptions) {
    this.#options = options;
  }

  /**
   * What the file holds; `null` when there is none.
   *
   * @throws {ClerkCliAuthError} `storage` when it cannot be read, or was corrupt and has been set aside.
   */
  async read(): Promise<CredentialFile | null> {
    return required(this.#options.path, await this.#read());
  }

  /** What the file holds, for one that is going to write it: what was corrupt holds nothing. */
  async readToReplace(): Promise<CredentialFile> {
    const { content } = await this.#read();
    return content ?? emptyCredentialFile();
  }

  /** Writes the file, or removes it when there is nothing that it must say. */
  async write(file: CredentialFile, options?: WriteOptions): Promise<void> {
    const { runtime, path } = this.#options;
    if (file.entries.size === 0 && file.replaces.size === 0) {
      const { removeOwnFile } = await import("./remove_own_file.ts");
      return await removeOwnFile(runtime, path);
    }
    const { writeOwnFile } = await import("./write_own_file.ts");
    await writeOwnFile(runtime, path, formatCredentialFile(file), options);
  }

  /** The ids of the keys of all sealed records of the same credentials. */
  async sealedKeyIds(): Promise<string[]> {
    const { runtime, path } = this.#options;
    const names = await runtime.files.list(parentFolder(runtime, path)).catch((error) => {
      throw fileError("look beside", path, error);
    });
    return sealedKeyIds(path, names);
  }

  async #read(): Promise<OwnFile<CredentialFile>> {
    const file = await readOwnFile(this.#options.path, { ...this.#options, parse: parseCredentialFile });
    if (file.setAside === undefined) return file;
    // What it has replaced must not come back with it.
    const replaces = new Set(await this.sealedKeyIds());
    if (replaces.size > 0) await this.write({ ...emptyCredentialFile(), replaces });
    return file;
  }
}
