import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import type { UserIdentity } from "../../core/identity.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { SharedStore } from "../../storage/store.ts";
import { parseScopes } from "../resolve_config.ts";
import type { ClientContext } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { underLock } from "../session/lock.ts";
import { readTokens } from "../session/record.ts";
import { askUserinfo } from "../session/whoami.ts";
import type { Admission } from "./accept_tokens.ts";
import { browserChoice } from "./browser.ts";
import { signIn, type SignInRequest } from "./authorization_code.ts";

/**
 * Runs a task under a signal that aborts, with a `cancelled` error, when the caller's does or when the process is
 * interrupted (Ctrl-C): the task can then clean up before the process ends.
 */
export async function interruptible<T>(
  runtime: Runtime,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const cancel = (cause?: unknown) =>
    stop.abort(new ClerkCliAuthError("cancelled", "The login was cancelled", { cause }));
  const onAbort = () => cancel(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const stopListening = runtime.onInterrupt((name) => cancel(name));
  try {
    stop.signal.throwIfAborted();
    return await task(stop.signal);
  } finally {
    stopListening();
    signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * How the person gets to the page: `browser` opens one whatever the place looks like, `paste` opens none and has the
 * person paste the address that their browser ended at, `device` has the person enter a code on any device (RFC 8628),
 * `auto` decides by the place.
 */
export type LoginMethod = "auto" | "browser" | "paste" | "device";

/** How a login differs from the configuration. */
export interface LoginOptions {
  /** Gives the login up: the port is closed, and nothing is stored unless it already was, complete. */
  signal?: AbortSignal;
  /**
   * The scopes to ask for.
   * @default the configuration's
   */
  scopes?: readonly string[];
  /** What the issuer shall show (OpenID Connect Core 1.0, section 3.1.2.1). Of no effect with a device code. */
  prompt?: "none" | "login" | "consent";
  /**
   * How the person gets to the page: `browser` opens one whatever the place looks like, `paste` opens none and has the
   * person paste the address that their browser ended at, `device` has the person enter a code on any device, which
   * needs `endpoints: "discover"` and an issuer that offers it (RFC 8628). `auto` decides by the place: where no browser
   * can be opened, it takes `device` before `paste`.
   * @default "auto"
   */
  method?: LoginMethod;
  /**
   * Waits for a login that another process has under way for the same record, and adopts its result where the scopes
   * are included, instead of opening another page. For helpers that sign in on demand.
   * @default false
   */
  join?: boolean;
}

/** What callers inside of this package can ask of a login besides. */
export interface GuardedLoginOptions extends LoginOptions {
  /** Looks at the tokens before they are stored; what it throws refuses them. */
  admit?: Admission;
}

/** What a login yields. */
export interface LoginResult {
  /** The tokens, as they are stored. */
  tokens: TokenSet;
  /** Who signed in. */
  user: UserIdentity;
}

/** Signs a person in with the browser: authorization code flow with PKCE, loopback redirect (RFC 8252). */
export async function login(
  context: ClientContext,
  options: GuardedLoginOptions = {},
): Promise<LoginResult> {
  const { join = false, method = "auto", prompt, admit } = options;
  const scopes = parseScopes(options.scopes ?? context.config.scopes);
  return await interruptible(context.runtime, options.signal, (signal) => {
    const attempt = () => signInBy(context, method, { scopes, prompt, admit, signal });
    return oneLogin(context, { scopes, join, signal }, attempt);
  });
}

async function signInBy(
  context: ClientContext,
  method: LoginMethod,
  request: Omit<SignInRequest, "method">,
): Promise<LoginResult> {
  if (method === "device" || (method === "auto" && await prefersDevice(context, request.signal))) {
    const { deviceSignIn } = await import("./device_flow.ts");
    return await deviceSignIn(context, request);
  }
  return await signIn(context, { ...request, method });
}

/** A login as one of several that may run for the same record. */
export interface OneLogin {
  scopes: readonly string[];
  /** Whether the result of a login that is under way elsewhere will do. */
  join: boolean;
  signal: AbortSignal;
}

/** How long a login that does not join looks whether it can announce itself, in milliseconds. */
const ANNOUNCEMENT_MS = 100;

/**
 * Announces a login to other processes by a lock of its own, and, with `join`, waits for one that is under way and
 * adopts what it has stored, provided that its scopes are included.
 */
export async function oneLogin(
  context: ClientContext,
  { scopes, join, signal }: OneLogin,
  signIn: () => Promise<LoginResult>,
): Promise<LoginResult> {
  const { shared } = context;
  if (!shared) return await signIn();
  if (!join) return await announced(shared, signIn, signal);
  const before = await readTokens(context);
  return await underLock(shared.withLoginLock, async () => {
    const tokens = await readTokens(context);
    const isNew = tokens !== undefined && tokens.accessToken !== before?.accessToken;
    if (!isNew || !includes(tokens, scopes)) return await signIn();
    return { tokens, user: await askUserinfo(context, tokens.accessToken, signal) };
  }, { timeoutMs: context.config.loginTimeoutMs, signal });
}

/**
 * Whoever asks for a login gets one: where another one is announced already, this one is not. A lock that cannot be
 * taken because nothing can be written shows, before anyone signs in, that the tokens could not be stored.
 */
async function announced(
  shared: SharedStore,
  signIn: () => Promise<LoginResult>,
  signal: AbortSignal,
): Promise<LoginResult> {
  let begun: Promise<LoginResult> | undefined;
  try {
    return await underLock(shared.withLoginLock, () => begun = signIn(), {
      timeoutMs: ANNOUNCEMENT_MS,
      signal,
    });
  } catch (error) {
    if (begun || signal.aborted || !isHeldElsewhere(error)) throw error;
    return await signIn();
  }
}

function isHeldElsewhere(error: unknown): boolean {
  return isClerkCliAuthError(error) && error.code === "timeout";
}

function includes({ scope = "" }: TokenSet, scopes: readonly string[]): boolean {
  const granted = new Set(scope.split(" "));
  return scopes.every((scope) => granted.has(scope));
}

/**
 * Whether a person who has no browser here is better asked to enter a code elsewhere than to paste an address: where
 * the issuer offers it, and the person sees the code.
 */
export async function prefersDevice(context: ClientContext, signal: AbortSignal): Promise<boolean> {
  const { config, runtime } = context;
  const isSeen = runtime.terminal.isInteractive("stderr") &&
    (config.ui === "auto" || config.onEvent !== undefined);
  if (config.endpoints === "clerk" || !isSeen || browserChoice(context, "auto") !== "none") return false;
  return (await issuerEndpoints(context, { signal })).deviceAuthorization !== undefined;
}
