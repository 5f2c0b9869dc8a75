import { parseJsonObject } from "../../core/json.ts";
import { type CredentialEntries, parseEntries } from "../credential_file.ts";

/** What sealed entries belong to. It stands in the clear beside them, and is bound to each. */
export interface SealedScope {
  readonly issuer: string;
  readonly clientId: string;
  readonly environment: string;
  readonly profile: string | undefined;
}

/** What a sealed file holds. */
export interface SealedContent {
  readonly scope: SealedScope;
  readonly keyId: string;
  /** The sealed texts by their keys. */
  readonly entries: CredentialEntries;
}

/** The version of the format. */
export const VERSION = 1;

/** Reads the text of a sealed file; `undefined` when it is torn, corrupt or of another kind. */
export function parseSealedContent(text: string): SealedContent | undefined {
  const { version, keyId, issuer, clientId, environment, profile, entries } = parseJsonObject(text) ?? {};
  const sealed = parseEntries(entries);
  if (version !== VERSION || !sealed) return undefined;
  if (typeof keyId !== "string" || typeof issuer !== "string") return undefined;
  if (typeof clientId !== "string" || typeof environment !== "string") return undefined;
  if (profile !== undefined && typeof profile !== "string") return undefined;
  return { scope: { issuer, clientId, environment, profile }, keyId, entries: sealed };
}

/** The text of a sealed file. */
export function formatSealedContent({ scope, keyId, entries }: SealedContent): string {
  const file = { version: VERSION, keyId, ...scope, entries: Object.fromEntries(entries) };
  return `${JSON.stringify(file)}\n`;
}

/** The associated data of an entry: one that was moved elsewhere is not unsealed there. */
export function entryContext(
  { scope, keyId }: Omit<SealedContent, "entries">,
  key: string,
): readonly unknown[] {
  const { issuer, clientId, environment, profile = null } = scope;
  return [VERSION, issuer, clientId, environment, key, keyId, profile];
}
