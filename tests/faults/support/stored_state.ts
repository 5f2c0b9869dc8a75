import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What is on disk. */
export type StoredState =
  | "nothing"
  | "the pending login"
  | "the session as it was"
  | "the session, marked as being refreshed"
  | "the new session"
  | "that the session has ended";

/** The file of an application's credentials. */
export const CREDENTIALS = "credentials@default.json";

/** What else may be there: a pending login and files without secrets, which are the locks and the logout notice. */
const ALLOWED =
  /^(?:credentials@default\.json(?:\.ended|(?:\.login)?\.lock\/(?:[1-9]\d*|floor))?|pending@default\.json)$/;

/** The file of pending logins. */
const PENDING = "pending@default.json";

/** What else a killed process leaves: the live file of its lock. Later holders remove it. */
const LEFT_BY_KILLED = /^credentials@default\.json(?:\.login)?\.lock\/[\w-]+\.live$/;

/** What there was before. */
export interface Before {
  /** The access token of the session that was stored. */
  accessToken: string | undefined;
  /** Whether the process was killed that used it last. */
  wasKilled: boolean;
}

/**
 * Tells what is in an application's directory.
 *
 * @throws {Error} If there is anything else.
 */
export async function storedState(folder: string, { accessToken, wasKilled }: Before): Promise<StoredState> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  const isKnown = (name: string) => ALLOWED.test(name) || (wasKilled && LEFT_BY_KILLED.test(name));
  const strange = files.filter((name) => !isKnown(name));
  if (strange.length > 0) throw new Error(`Left behind: ${strange.join(", ")}`);
  if (files.includes(PENDING)) return "the pending login";
  if (!files.includes(CREDENTIALS)) return "nothing";
  const record = await readStored(folder);
  if (record.ended) return "that the session has ended";
  if (record.accessToken !== accessToken) return "the new session";
  return record.refreshing ? "the session, marked as being refreshed" : "the session as it was";
}

/** The access token that is stored. */
export async function storedAccessToken(folder: string): Promise<string | undefined> {
  return (await readStored(folder)).accessToken;
}

/** The record as it is on disk. */
interface StoredRecord {
  accessToken?: string;
  ended?: string;
  refreshing?: boolean;
}

async function readStored(folder: string): Promise<StoredRecord> {
  const file = JSON.parse(await readFile(join(folder, CREDENTIALS), "utf8"));
  return JSON.parse(file.entries.tokens);
}
