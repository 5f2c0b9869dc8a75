import { createPkcePair } from "../../core/authorization.ts";
import { randomToken } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import { quoted } from "../../core/text.ts";
import type { ClientContext } from "../context.ts";
import { issuerMetadata } from "../issuer/endpoints.ts";
import { parseScopes } from "../resolve_config.ts";
import { underLock } from "../session/lock.ts";
import { attemptUrl, checkFormPost } from "./authorization_code.ts";
import {
  authorizeDevice,
  findDeviceEndpoint,
  isNotForThisApplication,
  notOffered,
  offeredDeviceEndpoint,
} from "./device_flow.ts";
import { interruptible } from "./login.ts";
import { type PendingLogin, PendingLogins, randomHandle } from "./pending_login.ts";

/** Options of `beginLogin()`. */
export interface BeginLoginOptions {
  /**
   * How the user reaches the sign-in page. `device` shows a code to enter on any device (RFC 8628). `paste`
   * asks for the URL that the user's browser ended up on. `auto` uses `device` if the issuer offers it to the
   * application.
   * @default "auto"
   */
  method?: "auto" | "device" | "paste";
  /**
   * The scopes to request.
   * @default the configuration's
   */
  scopes?: readonly string[];
  /** What the issuer should show (OpenID Connect Core 1.0, section 3.1.2.1). Ignored with a device code. */
  prompt?: "none" | "login" | "consent";
  /** Cancels the call. */
  signal?: AbortSignal;
}

/** What the user must do now, and the handle for the second call. */
export type LoginInstructions =
  & {
    /** The handle for `completeLogin()`. Not secret. */
    login: string;
    /** When the login expires, in Unix milliseconds. */
    expiresAt: number;
  }
  & (
    | {
      method: "device";
      /** Where to enter the code, on any device. */
      verificationUri: string;
      /** The code. */
      userCode: string;
    }
    | {
      method: "paste";
      /** Where to sign in. The URL that the browser ends up on is the `response`. */
      authorizationUrl: string;
    }
  );

/** How long a login with a pasted response can be completed, in milliseconds. */
const PASTE_LIFETIME_MS = 15 * 60 * 1000;

/** Starts a login: stores what the second call needs, and returns what the user must do. */
export async function beginLogin(
  context: ClientContext,
  options: BeginLoginOptions = {},
): Promise<LoginInstructions> {
  const { method = "auto", prompt } = options;
  if (!["auto", "device", "paste"].includes(method)) {
    throw new ClerkCliAuthError(
      "config",
      `'method' must be "auto", "device" or "paste": got ${quoted(method)}`,
    );
  }
  const scopes = options.scopes ? parseScopes(options.scopes) : context.config.scopes;
  const { store, config } = context;
  return await interruptible(context, options.signal, async (signal) => {
    const logins = await PendingLogins.open(context);
    const endpoint = await deviceEndpoint(context, method, signal);
    const request: LoginRequest = { scopes, prompt, signal };
    const begin = async () => {
      if (endpoint === undefined) return await beginPaste(context, request);
      try {
        return await beginDevice(context, endpoint, request);
      } catch (error) {
        if (method === "device" || !isNotForThisApplication(error)) throw error;
        return await beginPaste(context, request);
      }
    };
    // Finds out before the user signs in whether the login can be stored.
    const { instructions } = await underLock(store.withLock, () => logins.add(begin), {
      timeoutMs: config.lockTimeoutMs,
      signal,
    });
    return instructions;
  });
}

interface LoginRequest {
  scopes: readonly string[];
  prompt: string | undefined;
  signal: AbortSignal;
}

/** A login that has started. */
interface BegunLogin {
  pending: PendingLogin;
  instructions: LoginInstructions;
}

async function deviceEndpoint(
  context: ClientContext,
  method: "auto" | "device" | "paste",
  signal: AbortSignal,
): Promise<string | undefined> {
  if (method === "paste") return undefined;
  if (method === "auto") return await offeredDeviceEndpoint(context, signal);
  const endpoint = await findDeviceEndpoint(context, signal);
  if (endpoint === undefined) throw notOffered();
  return endpoint;
}

async function beginDevice(
  context: ClientContext,
  endpoint: string,
  { scopes, signal }: LoginRequest,
): Promise<BegunLogin> {
  const common = newLogin(context, scopes);
  const device = await authorizeDevice(context, endpoint, { scopes, nonce: common.nonce, signal });
  const { deviceCode, intervalMs, lifetimeMs, verificationUri, userCode } = device;
  const now = context.runtime.now();
  const expiresAt = now + lifetimeMs;
  return {
    pending: {
      ...common,
      method: "device",
      deviceCode,
      intervalMs,
      waitMs: intervalMs,
      askedAt: now,
      expiresAt,
    },
    instructions: { method: "device", login: common.login, verificationUri, userCode, expiresAt },
  };
}

async function beginPaste(
  context: ClientContext,
  { scopes, prompt, signal }: LoginRequest,
): Promise<BegunLogin> {
  const metadata = await issuerMetadata(context, { signal });
  checkFormPost(context, metadata, "paste");
  const common = newLogin(context, scopes);
  const pkce = await createPkcePair();
  const state = randomToken();
  const redirectUri = `http://127.0.0.1:${unusedPort(context)}/callback`;
  const attempt = { scopes, prompt, metadata, state, nonce: common.nonce, pkce };
  const authorizationUrl = attemptUrl(context, { redirectUri }, attempt);
  const expiresAt = context.runtime.now() + PASTE_LIFETIME_MS;
  const { codeVerifier } = pkce;
  return {
    pending: { ...common, method: "paste", state, codeVerifier, redirectUri, expiresAt },
    instructions: { method: "paste", login: common.login, authorizationUrl, expiresAt },
  };
}

function newLogin({ config, runtime }: ClientContext, scopes: readonly string[]) {
  const { issuer, clientId, profile, resource } = config;
  const nonce = scopes.includes("openid") ? randomToken() : undefined;
  return { login: randomHandle(runtime.randomBytes), issuer, clientId, profile, resource, scopes, nonce };
}

/** Chooses a port that nothing is likely to listen on. The browser should end up there, with the URL in view. */
function unusedPort({ config: { callbackPorts }, runtime }: ClientContext): number {
  const [high = 0, low = 0] = runtime.randomBytes(2);
  return callbackPorts[0] || 49_152 + (high * 256 + low) % 16_384;
}
