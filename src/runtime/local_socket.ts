/** A connection to a socket in the file system. */
export interface LocalSocket {
  write(bytes: Uint8Array): Promise<void>;
  /** Reads what has arrived; `null` at the end. */
  read(): Promise<Uint8Array | null>;
  /** Ends the connection. A pending read then returns `null` or rejects. */
  close(): void;
}

/** What has arrived on a connection and is still unread. */
export class Inbox {
  readonly #received: (Uint8Array | null)[] = [];
  #wake = () => {};

  /** Adds what has arrived; `null` at the end. */
  put(bytes: Uint8Array | null): void {
    this.#received.push(bytes);
    this.#wake();
  }

  /** Waits for what comes next. After the end, always returns `null`. */
  async take(): Promise<Uint8Array | null> {
    while (this.#received.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#received[0] === null ? null : this.#received.shift()!;
  }
}
