import type { Protection } from "../storage/store.ts";

/** What happened on the way, for a program that wants to show it. No event holds a token or an authorization code. */
export type AuthEvent =
  /** A file in the working directory named the profile that is used. */
  | { type: "profile"; name: string; path: string }
  /** A request went out without the credential, as its origin is not in `apiOrigins`. */
  | { type: "credential_withheld"; origin: string }
  /** The login is at this URL. It holds the state of the attempt: show it, do not log it. */
  | { type: "authorize_url"; url: string; redirectUri: string }
  /**
   * The person is to enter this code at this address, on any device (RFC 8628); the complete address holds the code.
   * `expiresAt` is Unix time in milliseconds. Who has the code can pass the sign-in on to someone else: do not log it.
   */
  | {
    type: "device_code";
    userCode: string;
    verificationUri: string;
    verificationUriComplete?: string;
    expiresAt: number;
  }
  /** Whether a browser was opened, and why not. */
  | { type: "browser"; opened: boolean; reason?: string }
  /** The login waits for the person; `timeoutMs` is how long. */
  | { type: "waiting"; timeoutMs: number }
  /** The authorization response came. */
  | { type: "code_received" }
  /** The credentials were stored: in which file, and what protects them; neither is known of a custom store. */
  | { type: "stored"; location?: string; protection?: Protection }
  /** The keychain is unavailable, so the credentials were stored in the clear, readable by their owner only. */
  | { type: "downgraded"; reason: string; path: string }
  /** The access token was refreshed; `expiresAt` is Unix time in milliseconds. */
  | { type: "refreshed"; expiresAt?: number }
  /** A refresh failed for now; the session goes on. */
  | { type: "refresh_failed"; code: string; message: string }
  /** The session is over, and the person must sign in again. */
  | { type: "session_ended"; reason: SessionEndReason }
  /** A previous sign-in was revoked, or could not be. */
  | { type: "previous_revoked"; revoked: boolean };

/**
 * Why a session is over: the issuer refused its refresh token (`invalid_grant`), it ran out and had no refresh token
 * (`expired`), or a refresh was interrupted and its response lost (`refresh_interrupted`).
 */
export type SessionEndReason = "invalid_grant" | "expired" | "refresh_interrupted";
