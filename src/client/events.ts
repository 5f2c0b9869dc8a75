import type { Protection } from "../storage/store.ts";

/** What happens during a call, for programs that show it. Events never contain a token or an authorization code. */
export type AuthEvent =
  /** A file in the working directory named the profile in use. */
  | { type: "profile"; name: string; path: string }
  /** A request was sent without the credential because its origin is not in `apiOrigins`. */
  | { type: "credential_withheld"; origin: string }
  /** The authorization URL of a login. It contains the state: show it, but do not log it. */
  | { type: "authorize_url"; url: string; redirectUri: string }
  /**
   * The user must enter this code at this URL, on any device (RFC 8628). The complete URL includes the code.
   * `expiresAt` is in Unix milliseconds. Do not log it: anyone who has the code can complete the sign-in.
   */
  | {
    type: "device_code";
    userCode: string;
    verificationUri: string;
    verificationUriComplete?: string;
    expiresAt: number;
  }
  /** Whether a browser opened, and why not. */
  | { type: "browser"; opened: boolean; reason?: string }
  /** The login is waiting for the user, for `timeoutMs` milliseconds. */
  | { type: "waiting"; timeoutMs: number }
  /** The authorization response arrived. */
  | { type: "code_received" }
  /** The credentials were stored, in which file and how protected. Custom stores do not say. */
  | { type: "stored"; location?: string; protection?: Protection }
  /** The keychain is unavailable: the credentials were stored in a plain file that only its owner can read. */
  | { type: "downgraded"; reason: string; path: string }
  /** The access token was refreshed; `expiresAt` is in Unix milliseconds. */
  | { type: "refreshed"; expiresAt?: number }
  /** A refresh failed for now; the session continues. */
  | { type: "refresh_failed"; code: string; message: string }
  /** The session is over: the user must sign in again. */
  | { type: "session_ended"; reason: SessionEndReason }
  /** A previous sign-in was revoked, or could not be. */
  | { type: "previous_revoked"; revoked: boolean };

/**
 * Why a session is over: the issuer rejected its refresh token (`invalid_grant`), it expired without one
 * (`expired`), or a refresh was interrupted and its response lost (`refresh_interrupted`).
 */
export type SessionEndReason = "invalid_grant" | "expired" | "refresh_interrupted";
