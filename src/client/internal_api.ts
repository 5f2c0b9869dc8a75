/**
 * What `src/commands` may use of a `ClerkCliAuth` beyond its public methods.
 *
 * @module
 */
import { type ExpectedAccount, refuseOther } from "../core/account.ts";
import { exchange, type HttpRequest, type TextResponse } from "../core/http.ts";
import type { UserIdentity } from "../core/identity.ts";
import type { StoreDescription } from "../storage/store.ts";
import { configOf, stateOf } from "./auth_state.ts";
import { ClerkCliAuth, type SelectedProfile } from "./clerk_cli_auth.ts";
import type { ProfileSource, ResolvedConfig } from "./config.ts";
import type { ClientContext } from "./context.ts";
import type { AuthEvent } from "./events.ts";
import type { BearerChallenge } from "./fetch/authorized_fetch.ts";
import type { Admission, LoginResult } from "./login/accept_tokens.ts";
import type { LoginInstructions } from "./login/begin_login.ts";
import type { CompleteLoginOptions } from "./login/complete_login.ts";
import type { LoginOptions } from "./login/login.ts";
import { ProfileFiles, type ProfileRecord } from "./profiles/files.ts";
import { DEFAULT_PROFILE, parseProfile } from "./resolve_config.ts";
import type { SessionRecord } from "./session/record.ts";
import type { TokenRevocation } from "./session/revocation.ts";

export { configOf, DEFAULT_PROFILE, parseProfile, ProfileFiles, refuseOther };
export type {
  AuthEvent,
  ExpectedAccount,
  LoginInstructions,
  LoginOptions,
  ProfileRecord,
  ProfileSource,
  ResolvedConfig,
  SessionRecord,
  StoreDescription,
  TokenRevocation,
};

/** Reads the stored session, even an ended one; `null` if there is none. */
export async function readSession(auth: ClerkCliAuth): Promise<SessionRecord | null> {
  const { readRecord } = await import("./session/record.ts");
  return await readRecord(await stateOf(auth).open());
}

/** Describes where credentials are stored and how they are protected; `undefined` if a custom store does not say. */
export async function describeStorage(auth: ClerkCliAuth): Promise<StoreDescription | undefined> {
  return await (await stateOf(auth).open()).store.describe();
}

interface CommandLoginOptions {
  /** The account that must sign in; any if `undefined`. */
  expected: ExpectedAccount | undefined;
}

/** Signs in. With `onEvent`, the login needs no terminal to show the user what to do. */
export async function loginAs(
  auth: ClerkCliAuth,
  { expected, onEvent, ...options }: LoginOptions & CommandLoginOptions & {
    onEvent?: ((event: AuthEvent) => void) | undefined;
  },
): Promise<LoginResult> {
  const opened = await stateOf(auth).open();
  const emit = (event: AuthEvent) => {
    onEvent?.(event);
    opened.emit(event);
  };
  const config = { ...opened.config, ...(onEvent && { onEvent }) };
  const context = onEvent ? { ...opened, config, emit } : opened;
  const { login } = await import("./login/login.ts");
  return await login(context, {
    ...options,
    ...await admission(context, expected),
    isFollowed: onEvent !== undefined,
  });
}

/** Completes a pending login. */
export async function completeLoginAs(
  auth: ClerkCliAuth,
  { expected, ...options }: CompleteLoginOptions & CommandLoginOptions,
): Promise<LoginResult> {
  const context = await stateOf(auth).open();
  const { completeLogin } = await import("./login/complete_login.ts");
  return await completeLogin(context, { ...options, ...await admission(context, expected) });
}

/** Returns whether a pending login waits for a code to be entered or for a URL to be pasted. */
export async function methodOfPending(
  auth: ClerkCliAuth,
  login: string | undefined,
): Promise<LoginInstructions["method"]> {
  const { pendingMethod } = await import("./login/complete_login.ts");
  return await pendingMethod(await stateOf(auth).open(), login);
}

async function admission(
  context: ClientContext,
  expected: ExpectedAccount | undefined,
): Promise<{ admit?: Admission }> {
  if (!expected) return {};
  const { admitOnly } = await import("./login/accept_tokens.ts");
  return { admit: admitOnly(context, expected) };
}

/**
 * Stores a token from elsewhere in place of the session and revokes the session's grant. The token itself is
 * not ours to revoke: its provider may still use it.
 */
export async function adoptToken(auth: ClerkCliAuth, accessToken: string): Promise<void> {
  const context = await stateOf(auth).open();
  const { replaceSession, revokePrevious } = await import("./login/accept_tokens.ts");
  const tokens = { accessToken };
  await revokePrevious(context, { tokens, previous: await replaceSession(context, tokens) });
}

/** Asks the issuer who owns an access token. */
export async function askIssuer(
  auth: ClerkCliAuth,
  accessToken: string,
  signal?: AbortSignal,
): Promise<UserIdentity> {
  const { askUserinfo } = await import("./session/whoami.ts");
  return await askUserinfo(await stateOf(auth).open(), accessToken, signal);
}

/** Reports whether the keychain has the key of the stored credentials; `undefined` if nothing is sealed with one. */
export async function hasKeychainKey(auth: ClerkCliAuth): Promise<boolean | undefined> {
  return await (await stateOf(auth).open()).store.hasKey?.();
}

/** Sends a request as the client does, to see how the server responds. */
export async function probe(
  auth: ClerkCliAuth,
  request: HttpRequest,
  options: { endpointName: string; timeoutMs: number },
): Promise<TextResponse> {
  const { transport } = await stateOf(auth).open();
  return await exchange(request, { transport, step: "network", ...options });
}

/** Reads the Bearer challenge in a `WWW-Authenticate` header; `undefined` if there is none. */
export async function readChallenge(header: string | null): Promise<BearerChallenge | undefined> {
  return (await import("./fetch/authorized_fetch.ts")).readBearerChallenge(header);
}

/** Selects the profile as the methods do, but leaves the announcement to the caller. */
export async function selectProfileOf(auth: ClerkCliAuth): Promise<SelectedProfile> {
  const { given } = stateOf(auth);
  return await new ClerkCliAuth({ ...given, ui: "none" }).selectedProfile();
}

/** Returns the same client that also looks for a profile in these places. */
export function lookingIn(auth: ClerkCliAuth, { profileEnvVar, profileFile }: ProfilePlaces): ClerkCliAuth {
  const { given } = stateOf(auth);
  const places = { ...(profileEnvVar && { profileEnvVar }), ...(profileFile && { profileFile }) };
  return Object.keys(places).length === 0 ? auth : new ClerkCliAuth({ ...places, ...given });
}

/** Where to look for the name of a profile. */
interface ProfilePlaces {
  profileEnvVar?: string | undefined;
  profileFile?: string | undefined;
}
