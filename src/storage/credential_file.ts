import { parseJsonObject } from "../core/json.ts";

/** Strings by key. */
export type CredentialEntries = Map<string, string>;

/** What a credential file holds. */
export interface CredentialFile {
  entries: CredentialEntries;
  /**
   * The ids of the keys whose sealed records this file has replaced. They may not be readable where it was written, as
   * their keychain was out of reach, and must count for nothing where they are.
   */
  replaces: Set<string>;
}

const VERSION = 1;

/** A credential file without anything in it. */
export function emptyCredentialFile(): CredentialFile {
  return { entries: new Map(), replaces: new Set() };
}

/** Reads the text of a credential file; `undefined` when it is torn, corrupt or of another kind. */
export function parseCredentialFile(text: string): CredentialFile | undefined {
  const file = parseJsonObject(text);
  if (file?.version !== VERSION) return undefined;
  const entries = parseEntries(file.entries);
  const replaces = file.replaces ?? [];
  if (!entries || !isStrings(replaces)) return undefined;
  return { entries, replaces: new Set(replaces) };
}

/** The text of a credential file. */
export function formatCredentialFile({ entries, replaces }: CredentialFile): string {
  const file = {
    version: VERSION,
    entries: Object.fromEntries(entries),
    ...(replaces.size > 0 && { replaces: [...replaces] }),
  };
  return `${JSON.stringify(file)}\n`;
}

/** Strings by key, as JSON gives them; `undefined` when they are something else. */
export function parseEntries(value: unknown): CredentialEntries | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return isStrings(entries.map(([, entry]) => entry)) ? new Map(entries) : undefined;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
