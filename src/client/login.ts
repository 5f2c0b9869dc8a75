import type { UserIdentity } from "../core/identity.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { Admission } from "./admit_tokens.ts";
import type { ClientContext } from "./context.ts";
import { interruptible } from "./interruptible.ts";
import { oneLogin } from "./one_login.ts";
import { prefersDevice } from "./prefers_device.ts";
import { parseScopes } from "./settings.ts";
import { signIn, type SignInRequest } from "./sign_in.ts";

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
    const { deviceSignIn } = await import("./device_sign_in.ts");
    return await deviceSignIn(context, request);
  }
  return await signIn(context, { ...request, method });
}
