import { parseJsonObject } from "../../core/json.ts";
import type { Account } from "../account.ts";

/** What is known of a profile: whom it belongs to, and where. */
export interface ProfileRecord {
  /** The name; `default` for the plain record. */
  name: string;
  issuer: string;
  clientId: string;
  account: Account;
}

const VERSION = 1;
const KINDS: readonly string[] = ["user", "organization", "machine", "scim"] satisfies Account["kind"][];

/** The text of a profile file. */
export function formatProfile(record: ProfileRecord): string {
  return `${JSON.stringify({ version: VERSION, ...record })}\n`;
}

/** Reads the text of a profile file; `undefined` when it is corrupt. */
export function parseProfileRecord(text: string): ProfileRecord | undefined {
  const file = parseJsonObject(text);
  if (file?.version !== VERSION) return undefined;
  const { name, issuer, clientId, account } = file;
  const isComplete = [name, issuer, clientId].every((value) => typeof value === "string") &&
    isAccount(account);
  return isComplete ? { name, issuer, clientId, account } as ProfileRecord : undefined;
}

function isAccount(value: unknown): value is Account {
  if (typeof value !== "object" || value === null) return false;
  const { subject, kind, name, email, organization } = value as Record<string, unknown>;
  return typeof subject === "string" && subject !== "" && KINDS.includes(String(kind)) &&
    isOptionalText(name) && isOptionalText(email) && isOrganization(organization);
}

function isOrganization(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const { id, name, slug } = value as Record<string, unknown>;
  return typeof id === "string" && isOptionalText(name) && isOptionalText(slug);
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}
