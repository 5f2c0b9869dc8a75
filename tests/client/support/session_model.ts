import { assert, assertEquals, assertFalse, assertNotEquals } from "@std/assert";
import {
  confirmSession,
  getAccessToken,
  logout,
  replaceSession,
  type SessionRecord,
} from "../../doors/client.ts";
import { isClerkCliAuthError, sha256 } from "../../doors/core.ts";
import { SILENT_FAULTS } from "./rotating_issuer.ts";
import type { Call, Step } from "./session_steps.ts";
import type { SessionWorld, WorldClient } from "./session_world.ts";

/** How long a client waits in silence. No other timer has this duration. */
export const IMPATIENT_MS = 1_001;

/** The outcome of a call. */
interface Outcome {
  call: Call;
  /** The access token that a token call returned. */
  token?: string | null;
  error?: unknown;
}

/** What could be seen before a step. */
interface Sight {
  accessToken: string | undefined;
  /** Whether the issuer accepts the stored access token. */
  isAccepted: boolean;
  /** Whether the stored access token is valid by the clients' clock. */
  isValid: boolean;
}

/** Knows whether there must be a session, and checks after each step that what happened was allowed. */
export class SessionModel {
  readonly #world: SessionWorld;
  #isSignedIn = false;
  /** Refresh tokens that the user revoked. */
  readonly #revoked = new Set<string>();
  /** All access tokens seen, and whether the issuer accepted them when last asked. */
  readonly #accepted = new Map<string, boolean>();

  constructor(world: SessionWorld) {
    this.#world = world;
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "time passes") return this.#world.pass(step.durationMs);
    if (step.kind === "clock is set") return this.#world.setClientClock(step.offsetMs);
    if (step.kind === "revoked by the user") return await this.#revoke();
    const before = await this.#look();
    this.#world.events.length = 0;
    const spentBefore = this.#world.issuer.spent.size;
    const outcomes = await Promise.all(step.calls.map((call) => this.#call(call)));
    this.#forgetFaults();
    await this.#judgeRecord(step.calls);
    for (const outcome of outcomes) this.#judgeOutcome(outcome, before, step.calls);
    const { reused, spent } = this.#world.issuer;
    assertEquals(reused, [], "a refresh token was used twice");
    if (step.calls.every(isOrdinary)) {
      assert(spent.size <= spentBefore + 1, "it was refreshed more than once");
    }
  }

  #forgetFaults(): void {
    this.#world.issuer.emulator.faults.clear();
    for (const { faults } of this.#world.clients) faults.length = 0;
  }

  /** A session that must exist can still be refreshed. */
  async conclude(): Promise<void> {
    const record = await this.#world.stored();
    const { context } = await this.#world.newClient();
    const token = await getAccessToken(context, { forceRefresh: true });
    if (record?.kind !== "live" || this.#isExcused(record.tokens.refreshToken!)) return;
    assert(token !== null && await this.#world.issuer.accepts(token), "the session is lost");
  }

  async #revoke(): Promise<void> {
    const record = await this.#world.stored();
    this.#world.issuer.emulator.revokeGrants();
    if (record?.kind === "live") this.#revoked.add(record.tokens.refreshToken!);
  }

  async #look(): Promise<Sight> {
    const { issuer, clientTime, stored } = this.#world;
    const record = await stored();
    const tokens = record?.kind === "live" ? record.tokens : undefined;
    if (tokens) this.#accepted.set(tokens.accessToken, true);
    for (const [token, wasAccepted] of this.#accepted) {
      if (wasAccepted) this.#accepted.set(token, await issuer.accepts(token));
    }
    return {
      accessToken: tokens?.accessToken,
      isAccepted: tokens !== undefined && this.#accepted.get(tokens.accessToken)!,
      isValid: tokens !== undefined && tokens.expiresAt! > clientTime(),
    };
  }

  async #call(call: Call): Promise<Outcome> {
    try {
      if (call.kind === "token") return { call, token: await this.#token(call) };
      const { context } = this.#world.clients[call.client]!;
      if (call.kind === "login") await this.#login({ context });
      else await this.#logout({ context }, call.isRefused);
      return { call };
    } catch (error) {
      return { call, error };
    }
  }

  async #token({ client, forceRefresh, fault }: Call & { kind: "token" }): Promise<string | null> {
    const isSilent = fault !== null && SILENT_FAULTS.includes(fault);
    const { context, faults } = isSilent
      ? await this.#world.newClient(IMPATIENT_MS)
      : this.#world.clients[client]!;
    if (fault) faults.push(fault);
    return await getAccessToken(context, { forceRefresh });
  }

  /** What a login does once it has its tokens, whose lifetime counts by the clients' clock. */
  async #login({ context }: Pick<WorldClient, "context">): Promise<void> {
    const { issuer: { emulator }, clientTime } = this.#world;
    const expiresAt = clientTime() + emulator.behavior.accessTokenLifetimeSeconds * 1000;
    const tokens = { ...await emulator.issueTokens(), expiresAt };
    const previous = await replaceSession(context, tokens);
    const { signal } = new AbortController();
    await confirmSession(context, { tokens, subject: undefined, previous, signal });
  }

  async #logout({ context }: Pick<WorldClient, "context">, isRefused: boolean): Promise<void> {
    if (isRefused) this.#world.issuer.emulator.faults.add({ endpoint: "revoke", status: 503 });
    await logout(context);
  }

  /** A session ends by a logout, or because its refresh token was revoked or may have been used up. */
  async #judgeRecord(calls: readonly Call[]): Promise<void> {
    const record = await this.#world.stored();
    const isLive = record?.kind === "live";
    const [login, out] = ["login", "logout"].map((kind) => calls.some((call) => call.kind === kind));
    if (login && out) this.#isSignedIn = isLive;
    else if (login || out) this.#isSignedIn = login!;
    if (!this.#isSignedIn) return assertFalse(isLive, "the session has come back");
    if (isLive) {
      const refreshToken = record.tokens.refreshToken!;
      const isAlive = !this.#world.issuer.spent.has(refreshToken);
      return assert(isAlive || this.#isExcused(refreshToken), "the stored refresh token is used up");
    }
    assert(await this.#isEndExcused(record, calls), `a live session was ended: ${JSON.stringify(record)}`);
    this.#isSignedIn = false;
  }

  #judgeOutcome({ call, token, error }: Outcome, before: Sight, calls: readonly Call[]): void {
    if (call.kind === "logout") return assertEquals(error, undefined);
    if (call.kind === "login") {
      // Another call may have ended or replaced the new session before it was asked whose it is.
      const isExcused = calls.length > 1 && isClerkCliAuthError(error) && error.code === "userinfo";
      return assert(error === undefined || isExcused, String(error));
    }
    if (error !== undefined) return judgeFailure(error, { forceRefresh: call.forceRefresh, before, calls });
    if (token === null) {
      const isOver = !this.#isSignedIn || calls.some(({ kind }) => kind !== "token");
      return assert(before.accessToken === undefined || isOver, "a live session was not found");
    }
    if (call.forceRefresh) assertNotEquals(token, before.accessToken, "a forced refresh gave the old token");
    const wasDead = this.#accepted.get(token!) === false;
    assertFalse(before.isAccepted && wasDead, "a dead token was given while a live one was stored");
    if (!wasDead) this.#accepted.set(token!, true);
  }

  /** Whether the refresh token may have been lost without anyone's fault. */
  #isExcused(refreshToken: string): boolean {
    return this.#revoked.has(refreshToken) || this.#world.issuer.lost.has(refreshToken);
  }

  async #isEndExcused(record: SessionRecord | null, calls: readonly Call[]): Promise<boolean> {
    if (record?.kind !== "ended") {
      // Its access token died with the lost response, which a login takes for the end of the grant.
      const isLost = calls.some((call) => call.kind === "token" && call.fault?.startsWith("lost_"));
      return isLost && calls.some(({ kind }) => kind === "login");
    }
    const hashes = await Promise.all([...this.#revoked, ...this.#world.issuer.lost].map(sha256));
    return hashes.includes(record.refreshTokenHash);
  }
}

/** Whether a call accepts what another one refreshed. */
function isOrdinary(call: Call): boolean {
  return call.kind === "token" && !call.forceRefresh && call.fault === null;
}

/** A call fails only for now, and only if something went wrong and no valid token would do. */
function judgeFailure(
  error: unknown,
  { forceRefresh, before, calls }: { forceRefresh: boolean; before: Sight; calls: readonly Call[] },
): void {
  assert(isClerkCliAuthError(error), String(error));
  assert(["token_exchange", "timeout"].includes(error.code), `${error.code}: ${error.message}`);
  assert(error.retryable || error.status !== undefined, error.message);
  assert(
    calls.some((call) => call.kind === "token" && call.fault !== null),
    "a call failed without a reason",
  );
  assert(forceRefresh || !before.isValid, "a call failed though the token was valid");
}
