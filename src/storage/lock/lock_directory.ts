import type { Runtime } from "../../runtime/runtime.ts";
import { systemCode, writeAtomically } from "../own_file.ts";

/** What every part of the lock works on. */
export interface LockContext {
  readonly runtime: Runtime;
  readonly directory: LockDirectory;
  /** How long a holder that cannot be asked must stand still to be taken for dead, in milliseconds. */
  readonly standstillMs: number;
}

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const FLOOR = "floor";

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
    return (await this.#list()).flatMap(asNumber).sort((a, b) => a - b);
  }

  /** The text of a numbered file; `null` if there is none. */
  async readNumber(number: number): Promise<string | null> {
    return await this.#runtime.files.readText(this.#file(`${number}`));
  }

  /** Whether a number is that of a claim, still, and nobody has taken the next one. */
  async isLatest(number: number, text: string): Promise<boolean> {
    const { files } = this.#runtime;
    const [own, next] = [this.#file(`${number}`), this.#file(`${number + 1}`)];
    return await files.readText(own) === text && await files.inspect(next) === null;
  }

  async isTaken(number: number): Promise<boolean> {
    return await this.#runtime.files.inspect(this.#file(`${number}`)) !== null;
  }

  /** Gives a live file a number that is free; `false` when it is not, or when the live file is gone. */
  async linkNumber(number: number, { nonce, text }: { nonce: string; text: string }): Promise<boolean> {
    const { files } = this.#runtime;
    const [live, path] = [this.#live(nonce), this.#file(`${number}`)];
    try {
      await files.link(live, path);
      return true;
    } catch (error) {
      if (systemCode(error) === "EEXIST" || await files.inspect(live) === null) return false;
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

  async raiseFloor(floor: number): Promise<void> {
    await writeAtomically(this.#runtime, this.#file(FLOOR), `${floor}\n`);
  }

  async createLive(nonce: string, text: string): Promise<void> {
    const { files } = this.#runtime;
    const path = this.#live(nonce);
    await files.makeDirectory(this.#path, { mode: DIRECTORY_MODE });
    await files.createExclusive(path, text, { mode: FILE_MODE, flush: false });
  }

  /** The text of a live file; `null` when its taker has let go. */
  async readLive(nonce: string): Promise<string | null> {
    return await this.#runtime.files.readText(this.#live(nonce));
  }

  async replaceLive(nonce: string, text: string): Promise<void> {
    const { files } = this.#runtime;
    const next = this.#file(`${nonce}.next`);
    await files.createExclusive(next, text, { mode: FILE_MODE, flush: false });
    await files.rename(next, this.#live(nonce));
  }

  async removeLive(nonce: string): Promise<void> {
    await this.#runtime.files.remove(this.#live(nonce));
  }

  /** Removes what takers that were killed have left behind, and the live files of those that wait. */
  async removeLeftovers(ownNonce: string): Promise<void> {
    for (const name of await this.#list()) {
      const isKept = name === FLOOR || name.startsWith(`${ownNonce}.`) || asNumber(name).length > 0;
      if (!isKept) await this.#runtime.files.remove(this.#file(name));
    }
  }

  async #list(): Promise<string[]> {
    return await this.#runtime.files.list(this.#path);
  }

  #live(nonce: string): string {
    return this.#file(`${nonce}.live`);
  }

  #file(name: string): string {
    return `${this.#path}/${name}`;
  }
}

function asNumber(name: string): number[] {
  return /^[1-9]\d{0,14}$/.test(name) ? [Number(name)] : [];
}
