import type { HeldFile, Runtime } from "../../runtime/runtime.ts";
import { systemCode } from "../own_file.ts";

/** What every part of the lock works on. */
export interface LockContext {
  readonly runtime: Runtime;
  readonly directory: LockDirectory;
}

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const FLOOR = "floor";
const NUMBER = /^[1-9]\d{0,14}$/;

/** A file that is younger may still be in use, in milliseconds. */
const LEFTOVER_AGE_MS = 60_000;

/**
 * The directory of a lock. A numbered file is one taking of the lock; `TOKEN.live` is there as long as its taker has
 * not let go; `floor` holds the number up to which numbers are used up for ever, though their files are gone.
 */
export class LockDirectory {
  readonly #runtime: Runtime;
  readonly #path: string;

  constructor(runtime: Runtime, path: string) {
    this.#runtime = runtime;
    this.#path = path;
  }

  /**
   * The numbers that a listing shows, ascending. Others create and remove files meanwhile, so this is a hint only: it
   * may miss the highest number, and show one that was used up long ago.
   */
  async listNumbers(): Promise<number[]> {
    return (await this.#list()).filter((name) => NUMBER.test(name)).map(Number).sort((a, b) => a - b);
  }

  /** The text of a numbered file; `null` if there is none. */
  async readNumber(number: number): Promise<string | null> {
    return await this.#runtime.files.readText(this.#file(`${number}`));
  }

  async isTaken(number: number): Promise<boolean> {
    return await this.#runtime.files.inspect(this.#file(`${number}`)) !== null;
  }

  /** Gives a live file a number that is free; `false` when it is not, or when the live file is gone. */
  async linkNumber(number: number, { nonce, text }: { nonce: string; text: string }): Promise<boolean> {
    const { files } = this.#runtime;
    const [live, path] = [this.#file(liveName(nonce)), this.#file(`${number}`)];
    try {
      await files.link(live, path);
      return true;
    } catch (error) {
      // Over NFS, a link whose response was lost is asked for again, and then found to be there.
      if (systemCode(error) === "EEXIST") return await this.readNumber(number) === text;
      if (await files.inspect(live) === null) return false;
    }
    // Not every file system has links. An exclusive creation is seen empty for a moment: if that was long, others have
    // gone on.
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

  /** 0 where there is none, or something else in its place. */
  async readFloor(): Promise<number> {
    return Number.parseInt(await this.#runtime.files.readText(this.#file(FLOOR)) ?? "", 10) || 0;
  }

  /** It is not flushed, to be done at once: whoever could be misled by an old floor does not survive a crash either. */
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

  /** When a file was written last, by the clock of the file system, in milliseconds; `null` if it is gone. */
  async modifiedAt(name: string): Promise<number | null> {
    return await this.#runtime.files.modifiedAt(this.#file(name));
  }

  /** Removes what killed takers left behind, once it is old. */
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

/** The name of the file that is there as long as a taker has not let go. */
export function liveName(nonce: string): string {
  return `${nonce}.live`;
}
