import type { Command } from "./perform.ts";

/** A step of a command that may go wrong. */
export type StepName =
  | "login(): authorization"
  | "login(): token exchange"
  | "login(): saving the tokens"
  | "login(): user info"
  | "login(): revocation of the replaced session"
  | "completeLogin(): exchange of a pasted code"
  | "getAccessToken(): valid token"
  | "getAccessToken(): refresh of an expired token"
  | "getAccessToken(): response to a refresh lost"
  | "getAccessToken(): saving refreshed tokens"
  | "getAccessToken(): refresh of a token valid for a few more seconds"
  | "logout(): revocation"
  | "logout(): clearing the stored session"
  | "whoami()"
  | "verifyToken()";

/** How to reach a step. */
export interface Step {
  command: Command;
  /** How long the stored access token is still valid, in seconds; without it, nobody is signed in. */
  lifetimeSeconds?: number;
  /** The requested path, if any. */
  path?: string;
  /** The request after whose response the fault starts. */
  after?: (path: string, answer: Response) => boolean;
  /** The code in an error body. */
  error: string;
  /** Whether the request takes effect although its response is lost. */
  takesEffect?: boolean;
}

const TOKEN = "/oauth/token";
const REVOKE = "/oauth/token/revoke";
const USERINFO = "/oauth/userinfo";

/** The path of the backend's identity endpoint. */
export const IDENTITY = "/me";

const afterConsent = (_: string, answer: Response) =>
  answer.headers.get("location")?.includes("/callback") ?? false;
const afterTokens = (path: string) => path === TOKEN;

const EXPIRED: Step = { command: "token", path: TOKEN, error: "invalid_grant", lifetimeSeconds: -1 };
const LOGIN: Step = { command: "login", path: TOKEN, error: "invalid_grant", after: afterConsent };
const LOGOUT: Step = { command: "logout", path: REVOKE, error: "invalid_client", lifetimeSeconds: 3600 };

/** The steps. */
export const STEPS: Readonly<Record<StepName, Step>> = {
  "login(): authorization": LOGIN,
  "login(): token exchange": LOGIN,
  "login(): saving the tokens": LOGIN,
  "login(): user info": { ...LOGIN, path: USERINFO, error: "invalid_token", after: afterTokens },
  "login(): revocation of the replaced session": {
    ...LOGIN,
    lifetimeSeconds: 3600,
    path: REVOKE,
    after: afterTokens,
  },
  "completeLogin(): exchange of a pasted code": { ...LOGIN, command: "complete" },
  "getAccessToken(): valid token": { command: "token", error: "", lifetimeSeconds: 3600 },
  "getAccessToken(): refresh of an expired token": EXPIRED,
  "getAccessToken(): response to a refresh lost": { ...EXPIRED, takesEffect: true },
  "getAccessToken(): saving refreshed tokens": EXPIRED,
  "getAccessToken(): refresh of a token valid for a few more seconds": {
    ...EXPIRED,
    lifetimeSeconds: 28,
  },
  "logout(): revocation": LOGOUT,
  "logout(): clearing the stored session": LOGOUT,
  "whoami()": { command: "whoami", path: USERINFO, error: "invalid_token", lifetimeSeconds: 3600 },
  "verifyToken()": { command: "verify", path: IDENTITY, error: "invalid_token", lifetimeSeconds: 3600 },
};
