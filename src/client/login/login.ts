import { createPkcePair } from "../../core/authorization.ts";
import { randomToken } from "../../core/encoding.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { stopSignal } from "../../core/time.ts";
import type { ClientContext } from "../context.ts";
import { issuerMetadata } from "../issuer/endpoints.ts";
import { parseScopes } from "../resolve_config.ts";
import { underLock } from "../session/lock.ts";
import { acceptTokens, type Admission, type LoginResult } from "./accept_tokens.ts";
import { awaitAuthorizationCode, exchangeCode } from "./authorization_code.ts";
import { browserChoice, type BrowserMethod } from "./browser.ts";
import { failurePage, successPage } from "./callback_pages.ts";
import { openCallbackListener } from "./callback_server.ts";
import { oneLogin } from "./one_login.ts";

/**
 * How the user reaches the sign-in page. `browser` opens a browser anywhere. `paste` opens none and asks for
 * the URL that the user's browser ended up on. `device` shows a code to enter on any device (RFC 8628).
 * `auto` depends on the environment.
 */
export type LoginMethod = "auto" | "browser" | "paste" | "device";

/** Options of `login()`, which override the configuration. */
export interface LoginOptions {
  /** Cancels the login and closes the port. Nothing is stored, unless the tokens already were. */
  signal?: AbortSignal;
  /**
   * The scopes to request.
   * @default the configuration's
   */
  scopes?: readonly string[];
  /** What the issuer should show (OpenID Connect Core 1.0, section 3.1.2.1). Ignored with a device code. */
  prompt?: "none" | "login" | "consent";
  /**
   * How the user reaches the sign-in page. `browser` opens a browser anywhere. `paste` opens none and asks
   * for the URL that the user's browser ended up on. `device` shows a code to enter on any device, if the
   * issuer offers that to the application (RFC 8628). `auto` depends on the environment: without a browser,
   * it prefers `device` to `paste`.
   * @default "auto"
   */
  method?: LoginMethod;
  /**
   * Whether to wait for a login in progress in another process and adopt its result if that includes the
   * scopes, instead of opening a second page. For helpers that sign in on demand.
   * @default false
   */
  join?: boolean;
}

/** Options for callers inside this package. */
interface GuardedLoginOptions extends LoginOptions {
  /** Checks the tokens before they are stored; rejects them by throwing. */
  admit?: Admission;
  /**
   * Whether someone follows the events, even without a terminal.
   * @default false
   */
  isFollowed?: boolean;
}

/**
 * Signs a user in: in the browser, by the authorization code flow with PKCE and a loopback redirect (RFC
 * 8252), or with a code on another device (RFC 8628).
 */
export async function login(
  context: ClientContext,
  options: GuardedLoginOptions = {},
): Promise<LoginResult> {
  const { join = false, method = "auto", prompt, admit, isFollowed } = options;
  const scopes = options.scopes ? parseScopes(options.scopes) : context.config.scopes;
  return await interruptible(context, options.signal, (signal) => {
    const request: SignInRequest = { scopes, prompt, admit, signal };
    return oneLogin(context, { scopes, join, signal }, async () => {
      await settleLock(context, signal);
      if (method === "device" || (method === "auto" && await prefersDevice(context, signal, isFollowed))) {
        const { isNotForThisApplication, signInOnDevice } = await import("./device_flow.ts");
        try {
          return await signInOnDevice(context, request);
        } catch (error) {
          if (method === "device" || !isNotForThisApplication(error)) throw error;
        }
      }
      return await signInWithBrowser(context, { ...request, method });
    });
  });
}

function isUnknownResource(error: unknown): error is ClerkCliAuthError {
  return isClerkCliAuthError(error) && error.oauthError === "invalid_target";
}

function unknownResource(
  { config: { resource } }: ClientContext,
  cause: ClerkCliAuthError,
): ClerkCliAuthError {
  return new ClerkCliAuthError("config", `The issuer does not know the resource "${resource}"`, {
    action: "Check 'resource'",
    oauthError: "invalid_target",
    cause,
  });
}

/** Finds out before the user signs in whether the tokens can be stored, and replaces a dead holder of the lock. */
async function settleLock({ store, config }: ClientContext, signal: AbortSignal): Promise<void> {
  if (!await store.crossProcess?.mayBeHeld()) return;
  await underLock(store.withLock, () => Promise.resolve(), { timeoutMs: config.lockTimeoutMs, signal });
}

/** What a sign-in requests. */
interface SignInRequest {
  scopes: readonly string[];
  prompt: string | undefined;
  admit: Admission | undefined;
  signal: AbortSignal;
}

/** Makes one attempt to sign a user in with a browser. The listener closes when it ends. */
async function signInWithBrowser(
  context: ClientContext,
  request: SignInRequest & { method: BrowserMethod },
): Promise<LoginResult> {
  const { runtime, config: { appName, callbackPorts: ports, issuer, responseMode, page } } = context;
  const { scopes, signal } = request;
  // Both run while the listener starts, and are only awaited if it does.
  const creatingPkce = createPkcePair();
  const findingMetadata = issuerMetadata(context, { signal });
  findingMetadata.catch(() => {});
  const state = randomToken();
  const nonce = scopes.includes("openid") ? randomToken() : undefined;
  const connection = await context.keepConnection();
  const connected = { ...context, transport: connection.transport };
  const listener = await openCallbackListener({ runtime, ports, state, issuer, responseMode, page });
  try {
    const [metadata, pkce] = [await findingMetadata, await creatingPkce];
    const attempt = { ...request, metadata, state, nonce, pkce };
    const code = await awaitAuthorizationCode(context, listener, attempt);
    context.emit({ type: "code_received" });
    const received = await exchangeCode(connected, listener, { ...attempt, ...pkce, code });
    const { tokens, user } = await acceptTokens(connected, received, attempt);
    listener.conclude(user.then(
      (identity) => successPage(appName, identity),
      (error) => failurePage(appName, error),
    ));
    return { tokens, user: await user };
  } catch (error) {
    listener.conclude(Promise.resolve(failurePage(appName, error)));
    throw error;
  } finally {
    connection.close();
    await listener.close();
  }
}

/**
 * Reports whether a user without a browser here should enter a code elsewhere rather than paste a URL. The
 * issuer must offer that, and say so in time, and the user must see the code.
 */
export async function prefersDevice(
  context: ClientContext,
  signal: AbortSignal,
  isFollowed: boolean = false,
): Promise<boolean> {
  const { config, runtime } = context;
  const isSeen = isFollowed || ((config.ui === "auto" || config.onEvent !== undefined) &&
    runtime.terminal.isInteractive("stderr"));
  if (!isSeen || browserChoice(context, "auto") !== "none") return false;
  const { offeredDeviceEndpoint } = await import("./device_flow.ts");
  return await offeredDeviceEndpoint(context, signal) !== undefined;
}

/**
 * Runs a task under a signal that aborts with a `cancelled` error if the caller cancels or the process is
 * interrupted (Ctrl-C), so that the task can clean up before the process ends.
 *
 * @throws {ClerkCliAuthError} `config` if the issuer does not know the resource; what the task throws.
 */
export async function interruptible<T>(
  context: ClientContext,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = stopSignal({ signal, cancelled: loginCancelled });
  const stopListening = context.runtime.onInterrupt((name) => stop.abort(loginCancelled(name)));
  try {
    stop.signal.throwIfAborted();
    return await task(stop.signal);
  } catch (error) {
    throw isUnknownResource(error) ? unknownResource(context, error) : error;
  } finally {
    stopListening();
    stop.release();
  }
}

function loginCancelled(cause: unknown): ClerkCliAuthError {
  return new ClerkCliAuthError("cancelled", "The login was cancelled", { cause });
}
