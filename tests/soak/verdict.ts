import type { Account } from "./account.ts";
import type { Operation } from "./operation.ts";
import type { RefreshUse, SoakLog } from "./soak_log.ts";

/** What a soak has shown. */
export interface Verdict {
  /** What must never happen, in words. */
  violations: string[];
  /** Sessions that ended because a process was killed between the sending of a refresh and the saving of its answer. */
  lostToKills: number;
  /** Sessions that ended because the issuer lost its answer to a refresh. */
  lostToIssuer: number;
  /** Sessions whose refresh token was revoked by a logout or a login while it was used. */
  endedByRevocation: number;
}

/** The errors that an operation may end with, as long as the issuer fails or a process is suspended. */
const EXPECTED_ERRORS = ["token_exchange", "timeout", "userinfo"];

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
  for (const operation of operations) {
    const { name, result, runtime } = operation;
    if (!result) continue;
    const complain = (what: string) =>
      void verdict.violations.push(`${name} with ${clientId} on ${runtime}: ${what}`);
    if (result.sub && result.sub !== sub) complain(`got ${result.sub}, which is somebody else's`);
    if (result.error && !EXPECTED_ERRORS.includes(result.error)) {
      complain(`${result.error}, ${result.message}`);
    }
    if (result.ended) judgeEnd(operation, { refreshes, operations, log, verdict, complain });
    else if (result.sub === null && !mayBeSignedOut(operation, operations)) {
      complain("found nobody signed in");
    }
  }
  judgeReuse(refreshes, operations, verdict);
}

interface Evidence {
  refreshes: readonly RefreshUse[];
  operations: readonly Operation[];
  log: SoakLog;
  verdict: Verdict;
  complain: (what: string) => void;
}

/** A session may end only where its refresh token was used up, and nobody could save what came for it. */
function judgeEnd(operation: Operation, { refreshes, operations, log, verdict, complain }: Evidence): void {
  const isWithin = ({ at }: { at: number }) =>
    at >= operation.beganAt - SLACK_MS && at <= operation.endedAt! + SLACK_MS;
  const refusal = refreshes.find((use) => use.wasRefused && isWithin(use));
  if (!refusal) return complain(`the session ended (${operation.result!.ended}) without a refusal`);
  const { refreshToken } = refusal;
  const first = refreshes.find((use) => use.refreshToken === refreshToken && use.tookEffect);
  if (first?.isAnswerLost) verdict.lostToIssuer++;
  else if (first && wasKilledAt(first.at, operations)) verdict.lostToKills++;
  else if (log.revocations.some((revocation) => revocation.refreshToken === refreshToken)) {
    verdict.endedByRevocation++;
  } else complain(`a live session was ended (${operation.result!.ended})`);
}

/** A refresh token that was taken comes again only from those who never saw the answer. */
function judgeReuse(
  refreshes: readonly RefreshUse[],
  operations: readonly Operation[],
  verdict: Verdict,
): void {
  const firsts = new Map<string, RefreshUse>();
  for (const use of refreshes) {
    const first = firsts.get(use.refreshToken);
    if (use.tookEffect) firsts.set(use.refreshToken, use);
    if (!first || first.isAnswerLost || wasKilledAt(first.at, operations)) continue;
    verdict.violations.push(
      `A refresh token of ${use.clientId} was used again ${use.at - first.at} ms later`,
    );
  }
}

/** Whether a process was killed that was at something at a time. */
function wasKilledAt(at: number, operations: readonly Operation[]): boolean {
  return operations.some(({ beganAt, killedAt }) =>
    killedAt !== undefined && beganAt - SLACK_MS <= at && at <= killedAt + SLACK_MS
  );
}

/** Whether anything has ended the session since the last login that was over before an operation began. */
function mayBeSignedOut(operation: Operation, operations: readonly Operation[]): boolean {
  const logins = operations.filter(({ name, result, endedAt = Infinity }) =>
    name === "login" && result?.sub && endedAt <= operation.beganAt
  );
  if (logins.length === 0) return true;
  const lastLogin = Math.max(...logins.map(({ beganAt }) => beganAt));
  return operations.some((other) =>
    isEnding(other) && (other.endedAt ?? other.killedAt ?? Infinity) >= lastLogin &&
    other.beganAt <= operation.endedAt!
  );
}

/** Whether an operation may leave nobody signed in. */
function isEnding({ name, result }: Operation): boolean {
  return name === "logout" || result?.ended !== undefined ||
    (name === "login" && result?.error === "userinfo");
}
