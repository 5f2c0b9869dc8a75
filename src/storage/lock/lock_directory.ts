import type { HeldFile, Runtime } from "../../runtime/runtime.ts";
import { systemCode } from "../own_file.ts";

export interface LockContext {
  readonly runtime: Runtime;
  readonly directory: LockDirectory;
}

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const FLOOR = "floor";
const NUMBER = /^[1-9]\d{0,14}$/;

/** A younger file may still be in use. */
const LEFTOVER_AGE_MS = 60_000;

/**
 * The directory of a lock. Each numbered file is one taking of the lock. `TOKEN.live` exists until its taker lets go.
 * `floor` holds the number up to which numbers are used for good, even if their files are gone.
 */
export class LockDirectory {
  readonly #runtime: Runtime;
  readonly #path: string;

  constructor(runtime: Runtime, path: string) {
    this.#runtime = runtime;
    this.#path = path;
  }

  /**
   * Lists the numbers, ascending. Others create and remove files meanwhile, so this is only a hint: it may miss the
   * highest number, or show one used long ago.
   */
  async listNumbers(): Promise<number[]> {
    return (await this.#list()).filter((name) => NUMBER.test(name)).map(Number).sort((a, b) => a - b);
  }

  async readNumber(number: number): Promise<string | null> {
    return await this.#runtime.files.readText(this.#file(`${number}`));
  }

  async isTaken(number: number): Promise<boolean> {
    return await this.#runtime.files.inspect(this.#file(`${number}`)) !== null;
  }

  /** Links a live file to a free number; `false` if the number is taken or the live file is gone. */
  async linkNumber(number: number, { nonce, text }: { nonce: string; text: string }): Promise<boolean> {
    const { files } = this.#runtime;
    const [live, path] = [this.#file(liveName(nonce)), this.#file(`${number}`)];
    try {
      await files.link(live, path);
      return true;
    } catch (error) {
      // NFS repeats a link whose response was lost, and then finds it there.
      if (systemCode(error) === "EEXIST") return await this.readNumber(number) === text;
      if (await files.inspect(live) === null) return false;
    }
    // Not every file system has hard links. A file created exclusively is empty for a moment. If that took long, others
    // have moved on.
    try {
      await files.createExclusive(path, text, { mode: FILE_MODE, flush: false });
      return await files.inspect(live) !== null && !await this.isTaken(number + 1);
    } catch (error) {
      if (systemCode(error) === "EEXIST") return false;
      throw error;
    }
  }

  async removeNumber(number: number): Promise<void> {
    await this.#runtime.files.remove(this.#file(`${number}`));
  }

  /** 0 if there is none, or it is not a number. */
  async readFloor(): Promise<number> {
    return Number.parseInt(await this.#runtime.files.readText(this.#file(FLOOR)) ?? "", 10) || 0;
  }

  /** Does not flush, to be fast: a crash that loses the floor ends everyone it could mislead. */
  async raiseFloor(floor: number, nonce: string): Promise<void> {
    const { files } = this.#runtime;
    const next = this.#file(`${FLOOR}.${nonce}`);
    await files.createExclusive(next, `${floor}\n`, { mode: FILE_MODE, flush: false });
    await files.rename(next, this.#file(FLOOR));
  }

  async createLive(nonce: string, text: string): Promise<HeldFile> {
    const { files } = this.#runtime;
    const path = this.#file(liveName(nonce));
    await files.makeDirectory(this.#path, { mode: DIRECTORY_MODE });
    return await files.createHeld(path, text, { mode: FILE_MODE });
  }

  async removeLive(nonce: string): Promise<void> {
    await this.#runtime.files.remove(this.#file(liveName(nonce)));
  }

  /** When a file was last written, by the file system's clock; `null` if it is gone. */
  async modifiedAt(name: string): Promise<number | null> {
    return await this.#runtime.files.modifiedAt(this.#file(name));
  }

  /** Removes old files of killed takers. */
  async removeLeftovers(now: number): Promise<void> {
    for (const name of await this.#list()) {
      if (name === FLOOR || NUMBER.test(name)) continue;
      const writtenAt = await this.modifiedAt(name);
      if (writtenAt !== null && now - writtenAt > LEFTOVER_AGE_MS) {
        await this.#runtime.files.remove(this.#file(name));
      }
    }
  }

  async #list(): Promise<string[]> {
    return await this.#runtime.files.list(this.#path);
  }

  #file(name: string): string {
    return `${this.#path}/${name}`;
  }
}

/** Names the file that exists until its taker lets go. */
export function liveName(nonce: string): string {
  return `${nonce}.live`;
}
