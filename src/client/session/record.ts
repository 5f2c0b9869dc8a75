import { type JsonObject, parseJsonObject, sha256 } from "../../core/encoding.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { StoreOperation } from "../../storage/custom_store.ts";
import type { WriteOptions } from "../../storage/own_file.ts";
import type { LoginSaveOptions } from "../../storage/store.ts";
import type { ClientContext, DeviceGrantProbe, LiveSession, StoredMetadata } from "../context.ts";
import type { SessionEndReason } from "../events.ts";

/**
 * What is stored for a session: its tokens, or why it ended. The issuer's metadata is stored with it and
 * moves between the record and the context automatically.
 */
export type SessionRecord = LiveSession | EndedSession;

/** A session that is over. The hash of its last refresh token identifies a late response. */
interface EndedSession {
  kind: "ended";
  reason: SessionEndReason;
  refreshTokenHash: string;
}

/**
 * Reads the record of this issuer and client; `null` if there is none.
 *
 * @throws {ClerkCliAuthError} `storage` if it cannot be read.
 */
export async function readRecord(context: ClientContext): Promise<SessionRecord | null> {
  const text = await guarded({ verb: "read" }, () => context.store.get(recordKey(context)));
  if (text === null || text === undefined) return null;
  const record = parseJsonObject(text);
  if (!record) throw unreadable();
  if (!belongsTo(record, context)) return null;
  recallMetadata(context, record.metadata);
  recallProbe(context, record.device);
  return newerInMemory(context, parseRecord(record));
}

/** A refreshed session that could not be saved wins while the one it replaces is still stored. */
function newerInMemory({ memory: { unsaved } }: ClientContext, stored: SessionRecord): SessionRecord {
  const isReplaced = stored.kind === "live" && stored.tokens.accessToken === unsaved?.replaces;
  return isReplaced ? unsaved!.session : stored;
}

/** A record that may be unreadable, so that it can be replaced or removed anyway. */
export interface StoredSession {
  /** The session, if there is one. */
  session?: LiveSession;
  /** Why the record cannot be read. */
  unreadable?: ClerkCliAuthError;
}

/** Reads the record before replacing or removing it. */
export async function readToReplace(context: ClientContext): Promise<StoredSession> {
  try {
    const record = await readRecord(context);
    return record?.kind === "live" ? { session: record } : {};
  } catch (error) {
    if (!isClerkCliAuthError(error)) throw error;
    return { unreadable: error };
  }
}

/** Stores a session for its issuer and client. */
export async function saveRecord(
  context: ClientContext,
  record: SessionRecord,
  options?: WriteOptions,
): Promise<void> {
  const [key, text] = [recordKey(context), format(context, record)];
  const tokens = record.kind === "live" ? record.tokens : undefined;
  await guarded({ verb: "store", tokens }, () => context.store.set(key, text, options));
}

/** Stores the session of a new login. Only this may change how the record is protected. */
export async function saveLogin(
  context: ClientContext,
  session: LiveSession,
  options: LoginSaveOptions = {},
): Promise<void> {
  const [key, text] = [recordKey(context), format(context, session)];
  await guarded({ verb: "store", tokens: session.tokens }, () => context.store.saveLogin(key, text, options));
}

/** Sets the record aside, still sealed, until its grant is revoked. Returns whether it was kept. */
export async function retireRecord(context: ClientContext): Promise<boolean> {
  return await context.store.retired?.retire(recordKey(context)) ?? false;
}

/** Reads the retired sessions that can be unsealed. */
export async function readRetired(context: ClientContext): Promise<LiveSession[]> {
  const texts = await context.store.retired?.read(recordKey(context)) ?? [];
  const records = texts.map((text) => parseRecord(parseJsonObject(text) ?? {}));
  return records.filter((record) => record.kind === "live");
}

/** Replaces the retired sessions. */
export async function writeRetired(context: ClientContext, sessions: readonly LiveSession[]): Promise<void> {
  const texts = sessions.map((session) => format(context, session));
  await context.store.retired?.write(recordKey(context), texts);
}

export async function removeRecord(context: ClientContext): Promise<void> {
  await guarded({ verb: "remove" }, () => context.store.delete(recordKey(context)));
}

/** Replaces the record with one that says why the session ended. */
export async function endSession(
  context: ClientContext,
  { reason, token }: { reason: EndedSession["reason"]; token: string },
): Promise<null> {
  await saveRecord(context, { kind: "ended", reason, refreshTokenHash: await sha256(token) });
  context.emit({ type: "session_ended", reason });
  return null;
}

/** A custom store shares one key space among profiles; ours has a file per profile. */
export function recordKey({ config }: ClientContext, kind: "tokens" | "pending" = "tokens"): string {
  return typeof config.storage === "object" && config.profile !== undefined
    ? `${kind}@${config.profile}`
    : kind;
}

/** A custom store may contain a record without an issuer and client; the next save adds them. */
function belongsTo(record: JsonObject, { config }: ClientContext): boolean {
  if (record.issuer === undefined && record.clientId === undefined) return typeof config.storage === "object";
  return record.issuer === config.issuer && record.clientId === config.clientId;
}

function format({ config, metadata, memory: { device } }: ClientContext, record: SessionRecord): string {
  const { issuer, clientId } = config;
  return JSON.stringify({ ...recordMembers(record), issuer, clientId, metadata: metadata.latest, device });
}

function recordMembers(record: SessionRecord): JsonObject {
  if (record.kind === "ended") return { ended: record.reason, refreshTokenHash: record.refreshTokenHash };
  const { tokens, savedAt, resource, isRefreshing } = record;
  return {
    ...tokens,
    ...(savedAt !== undefined && { savedAt }),
    ...(resource !== undefined && { resource }),
    ...(isRefreshing && { refreshing: true }),
  };
}

function parseRecord(record: JsonObject): SessionRecord {
  if (typeof record.ended === "string") {
    const refreshTokenHash = String(record.refreshTokenHash ?? "");
    return { kind: "ended", reason: record.ended as SessionEndReason, refreshTokenHash };
  }
  const tokens = parseTokens(record);
  if (!tokens) throw unreadable();
  return {
    kind: "live",
    tokens,
    ...(typeof record.savedAt === "number" && { savedAt: record.savedAt }),
    ...(typeof record.resource === "string" && { resource: record.resource }),
    ...(record.refreshing === true && { isRefreshing: true }),
  };
}

function parseTokens(record: JsonObject): TokenSet | undefined {
  const { accessToken, refreshToken, idToken, expiresAt, scope, tokenType } = record;
  if (typeof accessToken !== "string" || accessToken === "") return undefined;
  return {
    accessToken,
    ...(typeof refreshToken === "string" && { refreshToken }),
    ...(typeof idToken === "string" && { idToken }),
    ...(isTime(expiresAt) && { expiresAt }),
    ...(typeof scope === "string" && { scope }),
    ...(typeof tokenType === "string" && { tokenType }),
  };
}

/** Reports whether a value in milliseconds fits in a `Date`. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && !Number.isNaN(new Date(value).getTime());
}

function unreadable(): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", "The stored credentials cannot be read", {
    action: "Sign in again",
  });
}

/** Runs a store operation; turns what a custom store throws into a `storage` error. */
export async function guarded<T>(what: StoreOperation, operation: () => T): Promise<Awaited<T>> {
  try {
    return await operation();
  } catch (cause) {
    if (cause instanceof ClerkCliAuthError) throw cause;
    const { storeFailure } = await import("../../storage/custom_store.ts");
    throw await storeFailure(cause, what);
  }
}

/** Remembers metadata that was just fetched. */
export function rememberMetadata({ metadata }: ClientContext, fetched: StoredMetadata): void {
  const namesItself = fetched.namesItself || (metadata.latest?.namesItself ?? false);
  metadata.latest = { ...fetched, namesItself };
}

/** Remembers metadata from a record if it is valid and newer than what is known. */
export function recallMetadata(context: ClientContext, member: unknown): void {
  const stored = context.config.endpoints === "discover" && parseStored(member);
  if (!stored) return;
  const { metadata: { latest }, runtime } = context;
  // After the clock was set back, an older record would look newer.
  const isNews = !latest || (stored.fetchedAt > latest.fetchedAt && stored.fetchedAt <= runtime.now());
  const namesItself = stored.namesItself || (latest?.namesItself ?? false);
  context.metadata.latest = { ...(isNews ? stored : latest), namesItself };
}

/** Remembers what a record says about the device grant, unless something newer is known. */
function recallProbe({ memory }: ClientContext, member: unknown): void {
  if (typeof member !== "object" || member === null) return;
  const { askedAt, endpoint } = member as Partial<DeviceGrantProbe>;
  if (typeof askedAt !== "number" || (typeof endpoint !== "string" && endpoint !== null)) return;
  if (!memory.device || memory.device.askedAt < askedAt) memory.device = { askedAt, endpoint };
}

function parseStored(member: unknown): StoredMetadata | undefined {
  if (typeof member !== "object" || member === null) return undefined;
  const { fetchedAt, document, namesItself } = member as Partial<StoredMetadata>;
  if (typeof fetchedAt !== "number" || typeof document !== "object") return undefined;
  return { fetchedAt, document, namesItself: namesItself === true };
}

/** How far back the clock may jump before we stop trusting it about expiry, in milliseconds. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Reports whether a session's access token need not be refreshed. */
export function isFresh(
  { tokens, savedAt = 0 }: LiveSession,
  { now, minValidityMs }: { now: number; minValidityMs: number },
): boolean {
  return isValid(tokens, now + minValidityMs) && now > savedAt - CLOCK_TOLERANCE_MS;
}

/** Reports whether the access token is valid at a time. With an unknown lifetime it is valid until rejected. */
export function isValid({ expiresAt }: TokenSet, at: number): boolean {
  return expiresAt === undefined || expiresAt > at;
}
