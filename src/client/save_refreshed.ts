import { isSha256Of } from "../core/sha256.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import type { RefreshableTokens } from "./refreshed_tokens.ts";
import { revokeTokens } from "./revoke_tokens.ts";
import { type LiveSession, readRecord, removeRecord, saveRecord } from "./session_record.ts";
import { type Held, isLost } from "./under_lock.ts";

/** A refresh that was answered. */
export interface AnsweredRefresh {
  /** The tokens whose refresh token was sent. */
  used: RefreshableTokens;
  refreshed: RefreshableTokens;
  held: Held;
}

/**
 * Saves the answer of a refresh, unless the session was ended or replaced meanwhile by someone who could not wait for
 * the lock. Gives the tokens that are stored in the end.
 */
export async function saveRefreshed(
  context: ClientContext,
  { used, refreshed, held }: AnsweredRefresh,
): Promise<TokenSet | null> {
  const { refreshToken } = used;
  const isWanted = async () => !await isSha256Of(await context.shared?.tombstone.read(), refreshToken);
  const isOurs = !await isLost(held) || await isReplaceable(context, refreshToken);
  if (!isOurs || !await isWanted()) return await giveBack(context, refreshed);
  const record: LiveSession = { kind: "live", tokens: refreshed, savedAt: context.runtime.now() };
  const save = () => saveRecord(context, record, { mayOverwrite: true }); // What is there is used up.
  await save();
  if (!await isWanted()) {
    await removeRecord(context);
    return await giveBack(context, refreshed);
  }
  if (await isTombstoneOf(context, refreshToken)) await save();
  const { expiresAt } = refreshed;
  context.emit({ type: "refreshed", ...(expiresAt !== undefined && { expiresAt }) });
  return refreshed;
}

/** Whether the record is still the one that was refreshed, or says only that its refresh token was refused. */
async function isReplaceable(context: ClientContext, refreshToken: string): Promise<boolean> {
  const record = await readRecord(context);
  if (record?.kind === "live") return record.tokens.refreshToken === refreshToken;
  return await isSha256Of(record?.refreshTokenHash, refreshToken);
}

async function isTombstoneOf(context: ClientContext, refreshToken: string): Promise<boolean> {
  const record = await readRecord(context);
  return record?.kind === "ended" && await isSha256Of(record.refreshTokenHash, refreshToken);
}

/** Nobody wants these tokens any more: they are revoked rather than left alive. */
async function giveBack(context: ClientContext, refreshed: TokenSet): Promise<TokenSet | null> {
  await revokeTokens(context, refreshed);
  const record = await readRecord(context);
  return record?.kind === "live" ? record.tokens : null;
}
