import type { Account } from "./account.ts";
import type { Operation } from "./operation.ts";
import type { RefreshUse, SoakLog } from "./soak_log.ts";

/** The findings of a soak. */
export interface Verdict {
  /** Violations, in words. */
  violations: string[];
  /** Sessions that ended because a process was killed between sending a refresh and saving the response. */
  lostToKills: number;
  /** Sessions that ended because the issuer's response to a refresh was lost. */
  lostToIssuer: number;
  /** Sessions whose refresh token was revoked by a logout or a login while it was used. */
  endedByRevocation: number;
}

/** The errors that an operation may end with, as long as the issuer fails or a process is suspended. */
const EXPECTED_ERRORS = ["token_exchange", "timeout", "userinfo"];

/** How long before and after it found nobody all operations are shown, in milliseconds. */
const TIMELINE_MS = 15_000;

/** How long before an operation said that it had begun it may have begun, in milliseconds. */
const SLACK_MS = 50;

/** Judges what happened. */
export function judge(log: SoakLog, accounts: readonly Account[]): Verdict {
  const verdict: Verdict = { violations: [], lostToKills: 0, lostToIssuer: 0, endedByRevocation: 0 };
  for (const { runtime, output } of log.crashes) {
    verdict.violations.push(`A worker on ${runtime} ended: ${output}`);
  }
  for (const account of accounts) judgeAccount(account, log, verdict);
  return verdict;
}

function judgeAccount({ clientId, sub }: Account, log: SoakLog, verdict: Verdict): void {
  const operations = log.operations.filter((operation) => operation.clientId === clientId);
  const refreshes = log.refreshes.filter((use) => use.clientId === clientId);
  const reuses = reusesOf(refreshes, operations);
  for (const { use, cause } of reuses) {
    if (cause) continue;
    const suspects = operations.filter((operation) => isUnderWay(operation, use.at));
    verdict.violations.push(
      `A refresh token of ${clientId} was used twice: ${JSON.stringify({ use, suspects })}`,
    );
  }
  for (const operation of operations) {
    const { name, result, runtime } = operation;
    if (!result) continue;
    const complain = (what: string) =>
      void verdict.violations.push(`${name} with ${clientId} on ${runtime}: ${what}`);
    if (result.sub && result.sub !== sub) complain(`got ${result.sub}, which is somebody else's`);
    if (result.error && !EXPECTED_ERRORS.includes(result.error)) {
      complain(`${result.error}, ${result.message}`);
    }
    if (result.ended) judgeEnd(operation, { refreshes, reuses, log, verdict, complain });
    else if (result.sub === null && !mayBeSignedOut(operation, { operations, refreshes })) {
      const around = operations.filter(({ beganAt }) => Math.abs(beganAt - operation.beganAt) < TIMELINE_MS);
      complain(`found nobody signed in: ${JSON.stringify(around)}`);
    }
  }
}

/** Why a session could not be saved from its end. */
type Cause = "kill" | "issuer";

/** A refresh token that came again after it was taken, which ends its session. */
interface Reuse {
  use: RefreshUse;
  /** Why whoever sent it did not know; absent where they should have. */
  cause: Cause | undefined;
}

/**
 * Only a process that never saw the response may send a used refresh token again: the response was lost, or the process
 * that got it was killed. A request of a killed process may also arrive after the next process's request.
 */
function reusesOf(refreshes: readonly RefreshUse[], operations: readonly Operation[]): Reuse[] {
  const firsts = new Map<string, RefreshUse>();
  return refreshes.flatMap((use) => {
    const first = firsts.get(use.refreshToken);
    if (use.tookEffect) firsts.set(use.refreshToken, use);
    if (!first) return [];
    const isByKilled = wasKilledAt(first.at, operations) ||
      (use.at < first.at && wasKilledAt(use.at, operations));
    return [{ use, cause: first.isAnswerLost ? "issuer" : isByKilled ? "kill" : undefined }];
  });
}

interface Evidence {
  refreshes: readonly RefreshUse[];
  reuses: readonly Reuse[];
  log: SoakLog;
  verdict: Verdict;
  complain: (what: string) => void;
}

/** A session may end only by such a reuse, or where its refresh token was revoked. */
function judgeEnd(operation: Operation, { refreshes, reuses, log, verdict, complain }: Evidence): void {
  const { beganAt, endedAt, result } = operation;
  const refusal = refreshes.find(({ wasRefused, at }) =>
    wasRefused && at >= beganAt - SLACK_MS && at <= endedAt! + SLACK_MS
  );
  if (!refusal) return complain(`the session ended (${result!.ended}) without a refusal`);
  const { refreshToken, at } = refusal;
  const own = reuses.find(({ use }) => use.refreshToken === refreshToken);
  const cause = own ? own.cause : reuses.findLast(({ use }) => use.at <= at)?.cause;
  if (log.revocations.some((revocation) => revocation.refreshToken === refreshToken)) {
    verdict.endedByRevocation++;
  } else if (cause === "issuer") verdict.lostToIssuer++;
  else if (cause === "kill") verdict.lostToKills++;
  else complain(`a live session was ended (${result!.ended}): ${JSON.stringify(refusal)}`);
}

/** Whether a process was killed that was at something at a time. */
function wasKilledAt(at: number, operations: readonly Operation[]): boolean {
  return operations.some((operation) => operation.killedAt !== undefined && isUnderWay(operation, at));
}

function isUnderWay({ beganAt, endedAt, killedAt }: Operation, at: number): boolean {
  return beganAt - SLACK_MS <= at && at <= (endedAt ?? killedAt ?? Infinity) + SLACK_MS;
}

/** Whether anything has ended the session since the last login that was over before an operation began. */
function mayBeSignedOut(
  operation: Operation,
  { operations, refreshes }: { operations: readonly Operation[]; refreshes: readonly RefreshUse[] },
): boolean {
  const logins = operations.filter(({ name, result, endedAt = Infinity }) =>
    name === "login" && result?.sub && endedAt <= operation.beganAt
  );
  if (logins.length === 0) return true;
  const lastLogin = Math.max(...logins.map(({ beganAt }) => beganAt));
  return operations.some((other) =>
    (other.endedAt ?? other.killedAt ?? Infinity) >= lastLogin && other.beganAt <= operation.endedAt! &&
    isEnding(other, refreshes)
  );
}

/** Whether an operation may leave nobody signed in. One that was killed may have ended a session without a word. */
function isEnding(operation: Operation, refreshes: readonly RefreshUse[]): boolean {
  const { name, result, killedAt } = operation;
  if (name === "logout" || result?.ended !== undefined) return true;
  return killedAt !== undefined && refreshes.some((use) => use.wasRefused && isUnderWay(operation, use.at));
}
