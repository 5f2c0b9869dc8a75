import type { Identity, UserIdentity } from "../core/identity.ts";
import type { TokenSet } from "../core/tokens.ts";
import { loadRuntime } from "../runtime/load.ts";
import { authStates } from "./auth_state.ts";
import type { ClerkCliAuthConfig, FetchFunction, ProfileSource, ResolvedConfig } from "./config.ts";
import type { ClientContext } from "./context.ts";
import type { DiscoverOptions } from "./discover_backend.ts";
import type { LoginResult } from "./login/accept_tokens.ts";
import type { BeginLoginOptions, LoginInstructions } from "./login/begin_login.ts";
import type { CompleteLoginOptions } from "./login/complete_login.ts";
import type { LoginOptions } from "./login/login.ts";
import { DEFAULT_PROFILE, resolveConfig } from "./resolve_config.ts";
import type { AccessTokenOptions, ResolvedToken, ResolveTokenOptions } from "./session/access_token.ts";
import type { LogoutOptions, LogoutReport } from "./session/logout.ts";

/** The profile in use. */
export interface SelectedProfile {
  /** Its name; `default` if nobody chose one. */
  name: string;
  /** Who chose it. */
  source: ProfileSource;
}

/** Options of a call that can be cancelled. */
export interface CallSignal {
  /** Cancels the call. */
  signal?: AbortSignal;
}

/**
 * Clerk sign-in for a CLI: one OAuth application in one Clerk instance, and its stored credentials. Creating
 * one is cheap, because each method loads what it needs.
 *
 * @example Sign in and out, on the emulator
 * ```ts
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator();
 * const { issuer, close } = await emulator.listen();
 * const auth = new ClerkCliAuth({
 *   clientId: emulator.application.clientId,
 *   issuer,
 *   storage: "memory",
 *   openBrowser: createScriptedBrowser().opener(),
 * });
 * const { user } = await auth.login();
 * console.log(user.email, (await auth.resolveToken()).source); // ada@example.com oauth
 * console.log((await auth.logout()).cleared); // true
 * await close();
 * ```
 *
 * @example Sign in and call a backend
 * ```ts ignore
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 *
 * const auth = new ClerkCliAuth({ clientId: "your-client-id", issuer: "https://your-app.clerk.accounts.dev" });
 * const { user } = await auth.login();
 * console.log(`Signed in as ${user.email}`);
 *
 * const { token } = await auth.resolveToken();
 * await fetch("https://api.example.com/notes", { headers: { authorization: `Bearer ${token}` } });
 * ```
 */
export class ClerkCliAuth {
  readonly #given: ClerkCliAuthConfig;
  readonly #config: ResolvedConfig;
  #opened: Promise<ClientContext> | undefined;

  /**
   * Configures a sign-in from the backend's protected resource metadata (RFC 9728), served by
   * `fetchHandler()` or `resourceMetadata()` of `@clerk/cli-auth/server`. Whoever chooses the backend decides
   * where users sign in, within `allowedIssuers`, so nothing calls this automatically.
   *
   * @param resource The backend's URL. Its metadata must name the same `resource`.
   * @param options The allowed issuers and further configuration, which overrides the backend's.
   * @returns A `ClerkCliAuth` with the backend's issuer, client ID (`clerk_cli_client_id`) and scopes, and
   * the backend as its `identityEndpoint`.
   * @throws {ClerkCliAuthError} `config` if the response is not metadata, describes another resource, or
   * names no allowed issuer; `network` or `timeout` if the backend cannot be reached; `cancelled`.
   *
   * @example
   * ```ts ignore
   * import { ClerkCliAuth } from "@clerk/cli-auth";
   *
   * const auth = await ClerkCliAuth.discover("https://api.example.com/me", {
   *   allowedIssuers: ["https://your-app.clerk.accounts.dev"],
   * });
   * await auth.login();
   * ```
   */
  static async discover(resource: string | URL, options: DiscoverOptions): Promise<ClerkCliAuth> {
    const { discoverConfig } = await import("./discover_backend.ts");
    return new ClerkCliAuth(await discoverConfig(resource, options));
  }

  /**
   * Checks the configuration. It reads and sends nothing.
   *
   * @param config The configuration.
   * @throws {ClerkCliAuthError} `config` if the configuration is invalid.
   */
  constructor(config: ClerkCliAuthConfig) {
    this.#given = config;
    this.#config = resolveConfig(config);
    authStates.set(this, { given: config, config: this.#config, open: () => this.#open() });
  }

  /**
   * Signs a user in through the browser and stores the tokens. It uses the authorization code flow with PKCE
   * (RFC 7636) and a loopback redirect (RFC 8252, section 7.3).
   *
   * @param options Overrides for this login.
   * @returns The stored tokens and the user.
   * @throws {ClerkCliAuthError} `access_denied`, `timeout`, `cancelled`, `no_browser`, `token_exchange` or
   * `storage`; `config` if the callback port is in use or the issuer's metadata is invalid; `network` if the
   * metadata cannot be fetched; `userinfo` if the tokens are stored but their owner is unknown.
   */
  async login(options: LoginOptions = {}): Promise<LoginResult> {
    const { login } = await import("./login/login.ts");
    return await login(await this.#openForLogin(), options);
  }

  /**
   * Starts a login that a second call completes, in this process or a later one. It is for programs that
   * cannot wait, such as those that an agent runs. What the second call needs is stored like a token until
   * the login is completed or expires: with its code, or after 15 minutes.
   *
   * @param options How the user reaches the sign-in page, and what to request.
   * @returns What the user must do now, and the handle for {@linkcode ClerkCliAuth.completeLogin}.
   * @throws {ClerkCliAuthError} `config` if the issuer does not offer the method, `storage` is `"memory"`, or
   * four logins of this profile are already pending; `token_exchange`, `network`, `timeout`, `storage`,
   * `keychain` or `cancelled`.
   * @see {@link https://www.rfc-editor.org/rfc/rfc8628#section-3.1 | RFC 8628, section 3.1}
   *
   * @example
   * ```ts
   * import { ClerkCliAuth } from "@clerk/cli-auth";
   * import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
   *
   * const emulator = createEmulator(); // in place of Clerk
   * const { issuer, close } = await emulator.listen();
   * const entries = new Map<string, string>();
   * const auth = new ClerkCliAuth({
   *   clientId: emulator.application.clientId,
   *   issuer,
   *   storage: { // in your program, storage that outlives the process
   *     get: (key) => entries.get(key),
   *     set: (key, value) => void entries.set(key, value),
   *     delete: (key) => entries.delete(key),
   *   },
   * });
   * const begun = await auth.beginLogin({ method: "paste" });
   * if (begun.method === "paste") {
   *   const person = createScriptedBrowser();
   *   const { url } = await person.signIn(begun.authorizationUrl, { visitCallback: false });
   *   const { user } = await auth.completeLogin({ login: begun.login, response: url });
   *   console.log(user.email); // ada@example.com
   * }
   * await close();
   * ```
   */
  async beginLogin(options: BeginLoginOptions = {}): Promise<LoginInstructions> {
    const { beginLogin } = await import("./login/begin_login.ts");
    return await beginLogin(await this.#openForLogin(), options);
  }

  /**
   * Completes a login that {@linkcode ClerkCliAuth.beginLogin} started. Stores the tokens if the user has
   * signed in, and otherwise waits a while. After a `retryable` error, call it again.
   *
   * @param options The login, the pasted response, and how long to wait.
   * @returns The stored tokens and the user.
   * @throws {ClerkCliAuthError} `timeout` (`retryable`) if nobody has signed in yet; `not_authenticated` if
   * the login does not exist, has expired, or was already completed; `state_mismatch` if the response belongs
   * to another login; `config` if several logins are pending and none is named, or `response` is missing or
   * malformed; what `login()` throws.
   * @see {@link https://www.rfc-editor.org/rfc/rfc8628#section-3.4 | RFC 8628, section 3.4}
   */
  async completeLogin(options: CompleteLoginOptions = {}): Promise<LoginResult> {
    const { completeLogin } = await import("./login/complete_login.ts");
    return await completeLogin(await this.#openForLogin(), options);
  }

  /**
   * Returns the access token, refreshed if it expires within 30 seconds (RFC 6749, section 6).
   *
   * @param options How fresh it must be.
   * @returns The access token, or `null` if nobody is signed in or the session is over.
   * @throws {ClerkCliAuthError} `token_exchange`, `network` or `timeout` if the refresh failed for now
   * (`retryable`) and the old token has expired; `storage` if the credentials cannot be read or written.
   */
  async getAccessToken(options: AccessTokenOptions = {}): Promise<string | null> {
    const { getAccessToken } = await import("./session/access_token.ts");
    return await getAccessToken(await this.#open(), options);
  }

  /**
   * Returns the stored token set without refreshing it.
   *
   * @returns The token set, or `null` if nobody is signed in.
   * @throws {ClerkCliAuthError} `storage` if the credentials cannot be read.
   */
  async getTokenSet(): Promise<TokenSet | null> {
    const { readRecord } = await import("./session/record.ts");
    const context = await this.#open();
    const record = await readRecord(context);
    if (record === null) await requireNamed(context);
    return record?.kind === "live" ? record.tokens : null;
  }

  /**
   * Asks the issuer who is signed in (OpenID Connect Core 1.0, section 5.3). The response is never cached.
   *
   * @param options `signal` cancels the call.
   * @returns The user, or `null` if nobody is signed in.
   * @throws {ClerkCliAuthError} `userinfo`, `timeout`, `token_exchange` or `storage`.
   */
  async whoami({ signal }: CallSignal = {}): Promise<UserIdentity | null> {
    const { whoami } = await import("./session/whoami.ts");
    return await whoami(await this.#open(), signal);
  }

  /**
   * Asks the backend at `identityEndpoint` who owns a token.
   *
   * @param token An API key or an access token.
   * @param options `signal` cancels the call.
   * @returns The identity that the backend returned.
   * @throws {ClerkCliAuthError} `config` if there is no `identityEndpoint`; `verify_api_key` or `timeout`.
   */
  async verifyToken(token: string, { signal }: CallSignal = {}): Promise<Identity> {
    const { askBackend } = await import("./session/whoami.ts");
    return await askBackend(await this.#open(), token, signal);
  }

  /**
   * Chooses the credential to use: the argument, then the environment variable `tokenEnvVar`, then the
   * login's access token.
   *
   * @param options The argument, if any.
   * @returns The token and where it came from.
   * @throws {ClerkCliAuthError} `not_authenticated` if there is none; what `getAccessToken()` throws.
   */
  async resolveToken(options: ResolveTokenOptions = {}): Promise<ResolvedToken> {
    const { resolveToken } = await import("./session/access_token.ts");
    return await resolveToken(await this.#open(), options);
  }

  /**
   * Signs out: revokes the refresh token (RFC 7009), then removes the credentials even if the issuer fails.
   *
   * @param options `revoke: false` does not contact the issuer.
   * @returns What was revoked, what was not and why, and how long it stays valid.
   * @throws {ClerkCliAuthError} `storage` if the credentials cannot be removed; `cancelled`.
   */
  async logout(options: LogoutOptions = {}): Promise<LogoutReport> {
    const { logout } = await import("./session/logout.ts");
    const context = await this.#open();
    const report = await logout(context, options);
    if (!report.wasSignedIn) await requireNamed(context);
    return report;
  }

  /**
   * Calls a backend like `fetch`, with the credential as a bearer token (RFC 6750, section 2.1). The token
   * only goes to the origins in `apiOrigins` and never follows a redirect. The function works without `this`,
   * so you can hand it to other HTTP clients.
   *
   * If the backend rejects the token (`invalid_token`), it is refreshed once and the request repeated, unless
   * the body is a stream. If the backend asks for more scopes (`insufficient_scope`), the user is asked at
   * the terminal to grant them.
   *
   * @param input The URL or request, as for `fetch`.
   * @param init The options of `fetch`. Your own `Authorization` header takes precedence.
   * @returns The backend's response, whatever its status.
   * @throws {ClerkCliAuthError} `not_authenticated` if there is no credential; `config` without `apiOrigins`
   * and `identityEndpoint`; `network` (`retryable`) if the backend cannot be reached; what `getAccessToken()`
   * and `login()` throw. An abort rejects with the signal's reason, as with `fetch`.
   * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 | RFC 6750, section 3.1}
   *
   * @example
   * ```ts ignore
   * import { ClerkCliAuth } from "@clerk/cli-auth";
   *
   * const auth = new ClerkCliAuth({
   *   clientId: "your-client-id",
   *   issuer: "https://your-app.clerk.accounts.dev",
   *   apiOrigins: ["https://api.example.com"],
   * });
   * const response = await auth.fetch("https://api.example.com/notes", { method: "POST", body: "Buy milk" });
   * console.log(response.status);
   * ```
   */
  readonly fetch: FetchFunction = async (input, init = {}) => {
    const { authorizedFetch } = await import("./fetch/authorized_fetch.ts");
    return await authorizedFetch(await this.#open(), input, init);
  };

  /**
   * Returns the same configuration with another profile, for a second account.
   *
   * @param name The profile: 1 to 64 letters, digits, `.`, `_` or `-`, starting with a letter or digit.
   * @returns A new `ClerkCliAuth`.
   * @throws {ClerkCliAuthError} `config` if the name is invalid.
   */
  withProfile(name: string): ClerkCliAuth {
    return new ClerkCliAuth({ ...this.#given, profile: name });
  }

  /**
   * Returns the profile that this object uses, resolved once, and who chose it: the program (`pinned`), the
   * environment variable (`env`), a file in the working directory (`file`), `profiles use` (`chosen`) or
   * nobody (`default`).
   *
   * @returns The name and who chose it.
   * @throws {ClerkCliAuthError} `config` or `storage` if the choice is invalid or cannot be read.
   */
  async selectedProfile(): Promise<SelectedProfile> {
    const { profile: { name = DEFAULT_PROFILE, source } } = await this.#open();
    return { name, source };
  }

  /** A variable may name a new profile, but a file in the working directory may not. */
  async #openForLogin(): Promise<ClientContext> {
    const context = await this.#open();
    if (context.profile.source === "file") await requireNamed(context);
    return context;
  }

  /** Concurrent callers share one context. After a failure, the next call tries again. */
  #open(): Promise<ClientContext> {
    this.#opened ??= import("./context.ts")
      .then(async ({ openContext }) => openContext(this.#config, await loadRuntime()))
      .catch((error) => {
        this.#opened = undefined;
        throw error;
      });
    return this.#opened;
  }
}

/** A profile that the program did not name must exist: the default profile never replaces it. */
async function requireNamed(context: ClientContext): Promise<void> {
  const { source } = context.profile;
  if (source === "pinned" || source === "default") return;
  await (await import("./profiles/require_profile.ts")).requireProfile(context);
}
