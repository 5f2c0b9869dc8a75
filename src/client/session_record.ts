import { ClerkCliAuthError } from "../core/errors.ts";
import { type JsonObject, parseJsonObject } from "../core/json.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import type { SessionEndReason } from "./events.ts";

/** The key that the record stands under. */
const KEY = "tokens";

/** What is stored of a session: its tokens, or the tombstone of one that ended. */
export type SessionRecord = LiveSession | EndedSession;

/** A session that can be used. */
export interface LiveSession {
  kind: "live";
  tokens: TokenSet;
}

/** A session that is over. It names its last refresh token by a hash, so that the answer to that one is recognized. */
export interface EndedSession {
  kind: "ended";
  reason: SessionEndReason;
  refreshTokenHash: string;
}

/**
 * Reads the record of this issuer and client; `null` when there is none.
 *
 * @throws {ClerkCliAuthError} `storage` when it cannot be read.
 */
export async function readRecord(context: ClientContext): Promise<SessionRecord | null> {
  const text = await guarded("read", () => context.store.get(KEY));
  if (text === null || text === undefined) return null;
  const record = parseJsonObject(text);
  if (!record) throw unreadable();
  if (!belongsTo(record, context)) return null;
  if (typeof record.ended === "string") {
    const refreshTokenHash = String(record.refreshTokenHash ?? "");
    return { kind: "ended", reason: record.ended as SessionEndReason, refreshTokenHash };
  }
  const tokens = parseTokens(record);
  if (!tokens) throw unreadable();
  return { kind: "live", tokens };
}

/** Stores the tokens of a session, bound to its issuer and client. */
export async function saveTokens(context: ClientContext, tokens: TokenSet): Promise<void> {
  await save(context, { ...tokens });
}

/** Stores that a session is over. */
export async function saveEnd(
  context: ClientContext,
  { reason, refreshTokenHash }: EndedSession,
): Promise<void> {
  await save(context, { ended: reason, refreshTokenHash });
}

/** Removes the record. */
export async function removeRecord({ store }: ClientContext): Promise<void> {
  await guarded("remove", () => store.delete(KEY));
}

async function save({ store, config }: ClientContext, members: JsonObject): Promise<void> {
  const record = { ...members, issuer: config.issuer, clientId: config.clientId };
  await guarded("store", () => store.set(KEY, JSON.stringify(record)));
}

/** A custom store may hold a record that was never bound; it is bound at the next save. */
function belongsTo(record: JsonObject, { config }: ClientContext): boolean {
  if (record.issuer === undefined && record.clientId === undefined) return typeof config.storage === "object";
  return record.issuer === config.issuer && record.clientId === config.clientId;
}

function parseTokens(record: JsonObject): TokenSet | undefined {
  const { accessToken, refreshToken, idToken, expiresAt, scope, tokenType } = record;
  if (typeof accessToken !== "string" || accessToken === "") return undefined;
  return {
    accessToken,
    ...(typeof refreshToken === "string" && { refreshToken }),
    ...(typeof idToken === "string" && { idToken }),
    ...(typeof expiresAt === "number" && { expiresAt }),
    ...(typeof scope === "string" && { scope }),
    ...(typeof tokenType === "string" && { tokenType }),
  };
}

function unreadable(): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", "The stored credentials are not readable", {
    action: "Sign in again",
  });
}

/** Runs an operation of the store; what a custom one throws becomes a `storage` error. */
async function guarded<T>(verb: string, operation: () => T): Promise<Awaited<T>> {
  try {
    return await operation();
  } catch (cause) {
    if (cause instanceof ClerkCliAuthError) throw cause;
    throw new ClerkCliAuthError("storage", `The credential store could not ${verb} the credentials`, {
      action: "Check the credential store",
      cause,
    });
  }
}
