/** A connection to a socket in the file system. */
export interface LocalSocket {
  write(bytes: Uint8Array): Promise<void>;
  /** What has come; `null` at the end. */
  read(): Promise<Uint8Array | null>;
  /** Ends the connection; a pending read then gives `null` or rejects. */
  close(): void;
}
