import { type JsonObject, parseJsonObject } from "../core/json.ts";

/** What a credential file holds: strings by key. */
export type CredentialEntries = Map<string, string>;

const VERSION = 1;

/** Reads the text of a credential file; `undefined` when it is torn, corrupt or of another kind. */
export function parseCredentialFile(text: string): CredentialEntries | undefined {
  const file = parseJsonObject(text);
  if (file?.version !== VERSION) return undefined;
  return isEntries(file.entries) ? new Map(Object.entries(file.entries)) : undefined;
}

/** The text of a credential file. */
export function formatCredentialFile(entries: CredentialEntries): string {
  return `${JSON.stringify({ version: VERSION, entries: Object.fromEntries(entries) })}\n`;
}

function isEntries(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value as JsonObject).every((entry) => typeof entry === "string");
}
