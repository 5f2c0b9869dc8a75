import type { Identity, UserIdentity } from "../core/identity.ts";
import type { TokenSet } from "../core/tokens.ts";
import { loadRuntime } from "../runtime/load.ts";
import { authStates } from "./auth_state.ts";
import type { ClerkCliAuthConfig, FetchFunction, ProfileSource, ResolvedConfig } from "./config.ts";
import type { ClientContext } from "./context.ts";
import type { DiscoverOptions } from "./discover_backend.ts";
import type { LoginResult } from "./login/accept_tokens.ts";
import type { LoginOptions } from "./login/login.ts";
import type { BeginLoginOptions, CompleteLoginOptions, LoginInstructions } from "./login/two_calls.ts";
import { DEFAULT_PROFILE, resolveConfig } from "./resolve_config.ts";
import type { AccessTokenOptions, ResolvedToken, ResolveTokenOptions } from "./session/access_token.ts";
import type { LogoutOptions, LogoutReport } from "./session/logout.ts";

/** The profile that is used. */
export interface SelectedProfile {
  /** Its name; `default` for the one that is used if nobody chose any. */
  name: string;
  /** Who chose it. */
  source: ProfileSource;
}

/** A call that can be given up. */
export interface CallSignal {
  /** Gives the call up. */
  signal?: AbortSignal;
}

/**
 * Sign-in for a command-line tool: one OAuth application of one Clerk instance, and the credentials that are stored for
 * it. Creating it is cheap; each method loads what it needs.
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
   * Configures a sign-in by what a backend says of itself: protected resource metadata (RFC 9728), as `fetchHandler()`
   * and `resourceMetadata()` of `@clerk/cli-auth/server` serve it. Never done by itself: whoever names the backend
   * decides where people sign in, within `allowedIssuers`.
   *
   * @param resource The backend's address, equal to the `resource` that its metadata names.
   * @param options The issuers that are allowed, and what else is configured; that wins over what the backend says.
   * @returns A `ClerkCliAuth` with the backend's issuer, client id (`clerk_cli_client_id`) and scopes, and the backend
   * as its `identityEndpoint`.
   * @throws {ClerkCliAuthError} `config` when the metadata is none, that of another resource, or names no issuer that
   * is allowed; `network` or `timeout` when the backend cannot be asked; `cancelled`.
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
   * Checks the configuration; nothing is read or sent yet.
   *
   * @param config How it works.
   * @throws {ClerkCliAuthError} `config` when the configuration is not valid.
   */
  constructor(config: ClerkCliAuthConfig) {
    this.#given = config;
    this.#config = resolveConfig(config);
    authStates.set(this, { given: config, config: this.#config, open: () => this.#open() });
  }

  /**
   * Signs a person in with the browser and stores the tokens: authorization code flow with PKCE (RFC 7636) and a
   * loopback redirect (RFC 8252, section 7.3).
   *
   * @param options How this login differs from the configuration.
   * @returns The tokens, as they are stored, and who signed in.
   * @throws {ClerkCliAuthError} `access_denied`, `timeout`, `cancelled`, `no_browser`, `token_exchange`, `storage`;
   * `config` when the callback port is taken, or the issuer's metadata is invalid; `network` when the metadata could
   * not be asked for; `userinfo` when the tokens are stored but nobody could say whose they are.
   */
  async login(options: LoginOptions = {}): Promise<LoginResult> {
    const { login } = await import("./login/login.ts");
    return await login(await this.#openForLogin(), options);
  }

  /**
   * Begins a login that another call completes, in this process or a later one: for programs that cannot wait, such as
   * those that an agent runs. What the second call needs is kept like a token, until the login is completed or expires:
   * with its code, or after 15 minutes.
   *
   * @param options How the person gets to the page, and what is asked for.
   * @returns What the person must do now, and the handle for {@linkcode ClerkCliAuth.completeLogin}.
   * @throws {ClerkCliAuthError} `config` if the issuer does not offer the method, `storage` is `"memory"`, or four logins
   * of this profile wait already; `token_exchange`, `network`, `timeout`, `storage`, `keychain`, `cancelled`.
   * @see {@link https://www.rfc-editor.org/rfc/rfc8628#section-3.1 | RFC 8628, section 3.1}
   *
   * @example
   * ```ts
   * import { ClerkCliAuth } from "@clerk/cli-auth";
   * import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
   *
   * const emulator = createEmulator(); // stands for Clerk
   * const { issuer, close } = await emulator.listen();
   * const entries = new Map<string, string>();
   * const auth = new ClerkCliAuth({
   *   clientId: emulator.application.clientId,
   *   issuer,
   *   storage: { // outlives the process in a program of yours
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
    const { beginLogin } = await import("./login/two_calls.ts");
    return await beginLogin(await this.#openForLogin(), options);
  }

  /**
   * Completes a login that {@linkcode ClerkCliAuth.beginLogin} began: stores the tokens if the person has signed in, and
   * waits a while if not. A `retryable` error leaves the login as it is: call this again.
   *
   * @param options Which login, what the person pasted, and how long to wait.
   * @returns The tokens, as they are stored, and who signed in.
   * @throws {ClerkCliAuthError} `timeout` (`retryable`) if nobody has signed in yet; `not_authenticated` if there is no
   * such login, it has expired, or it was completed already; `state_mismatch` if the response belongs to another login;
   * `config` if several logins wait and none is named, or `response` is missing or makes no sense; what `login()` throws.
   * @see {@link https://www.rfc-editor.org/rfc/rfc8628#section-3.4 | RFC 8628, section 3.4}
   */
  async completeLogin(options: CompleteLoginOptions = {}): Promise<LoginResult> {
    const { completeLogin } = await import("./login/two_calls.ts");
    return await completeLogin(await this.#openForLogin(), options);
  }

  /**
   * Gives the access token, refreshed when it expires within 30 seconds (RFC 6749, section 6).
   *
   * @param options How fresh it must be.
   * @returns The access token, or `null` if nobody is signed in or the session is over.
   * @throws {ClerkCliAuthError} `token_exchange`, `network` or `timeout` when the refresh failed for now (`retryable`)
   * and the old token has expired; `storage` when what is stored cannot be read or written.
   */
  async getAccessToken(options: AccessTokenOptions = {}): Promise<string | null> {
    const { getAccessToken } = await import("./session/access_token.ts");
    return await getAccessToken(await this.#open(), options);
  }

  /**
   * Gives what is stored, as it is: nothing is refreshed.
   *
   * @returns The token set, or `null` if nobody is signed in.
   * @throws {ClerkCliAuthError} `storage` when what is stored cannot be read.
   */
  async getTokenSet(): Promise<TokenSet | null> {
    const { readRecord } = await import("./session/record.ts");
    const context = await this.#open();
    const record = await readRecord(context);
    if (record === null) await requireNamed(context);
    return record?.kind === "live" ? record.tokens : null;
  }

  /**
   * Asks the issuer who is signed in (OpenID Connect Core 1.0, section 5.3); the response never comes from a cache.
   *
   * @param options `signal` gives the call up.
   * @returns The user, or `null` if nobody is signed in.
   * @throws {ClerkCliAuthError} `userinfo`, `timeout`, `token_exchange`, `storage`.
   */
  async whoami({ signal }: CallSignal = {}): Promise<UserIdentity | null> {
    const { whoami } = await import("./session/whoami.ts");
    return await whoami(await this.#open(), signal);
  }

  /**
   * Asks the backend, at `identityEndpoint`, who a token belongs to.
   *
   * @param token An API key or an access token.
   * @param options `signal` gives the call up.
   * @returns The identity that the backend answers with.
   * @throws {ClerkCliAuthError} `config` when there is no `identityEndpoint`; `verify_api_key`, `timeout`.
   */
  async verifyToken(token: string, { signal }: CallSignal = {}): Promise<Identity> {
    const { askBackend } = await import("./session/whoami.ts");
    return await askBackend(await this.#open(), token, signal);
  }

  /**
   * Chooses the credential to use: the one given as an argument, then the one in the environment variable
   * `tokenEnvVar`, then the login's access token.
   *
   * @param options The argument, if any.
   * @returns The token and where it came from.
   * @throws {ClerkCliAuthError} `not_authenticated` when there is none; what `getAccessToken()` throws.
   */
  async resolveToken(options: ResolveTokenOptions = {}): Promise<ResolvedToken> {
    const { resolveToken } = await import("./session/access_token.ts");
    return await resolveToken(await this.#open(), options);
  }

  /**
   * Signs out: revokes the refresh token (RFC 7009), then clears what is stored, whatever the issuer said.
   *
   * @param options `revoke: false` asks the issuer nothing.
   * @returns What was revoked, what was not and why, and what stays valid until when.
   * @throws {ClerkCliAuthError} `storage` when what is stored cannot be removed; `cancelled`.
   */
  async logout(options: LogoutOptions = {}): Promise<LogoutReport> {
    const { logout } = await import("./session/logout.ts");
    const context = await this.#open();
    const report = await logout(context, options);
    if (!report.wasSignedIn) await requireNamed(context);
    return report;
  }

  /**
   * Calls a backend with the credential: `fetch` that adds the bearer token (RFC 6750, section 2.1) for the origins in
   * `apiOrigins`, and for no other, nor across a redirect; it needs no `this`, so it can be handed to other clients. A token that the backend refuses as `invalid_token` is
   * refreshed once, and the request repeated where its body can be sent again. Where it asks for scopes that this
   * login lacks (`insufficient_scope`), a person at a terminal is asked to grant them.
   *
   * @param input The address or the request, as for `fetch`.
   * @param init What `fetch` takes. An `Authorization` header of yours is left as it is.
   * @returns The response of the backend, whatever its status.
   * @throws {ClerkCliAuthError} `not_authenticated` if there is no credential; `config` without `apiOrigins` and
   * `identityEndpoint`; `network` (`retryable`) if the backend cannot be reached; what `getAccessToken()` and `login()`
   * throw. An abort rejects with the signal's reason, as from `fetch`.
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
   * Gives the same configuration on another record: another account beside this one.
   *
   * @param name The profile: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit.
   * @returns A `ClerkCliAuth` of its own.
   * @throws {ClerkCliAuthError} `config` if the name is invalid.
   */
  withProfile(name: string): ClerkCliAuth {
    return new ClerkCliAuth({ ...this.#given, profile: name });
  }

  /**
   * Says which profile the methods of this object use, and who chose it: the program (`pinned`), the environment variable
   * (`env`), a file in the working directory (`file`), `profiles use` (`chosen`), or nobody (`default`). It is resolved
   * once per object.
   *
   * @returns The name, and who chose it.
   * @throws {ClerkCliAuthError} `config` or `storage` if the choice is not the name of a profile, or cannot be read.
   */
  async selectedProfile(): Promise<SelectedProfile> {
    const { profile: { name = DEFAULT_PROFILE, source } } = await this.#open();
    return { name, source };
  }

  /** A variable may name a new profile, but a file that came with a directory may not. */
  async #openForLogin(): Promise<ClientContext> {
    const context = await this.#open();
    if (context.profile.source === "file") await requireNamed(context);
    return context;
  }

  /** Concurrent callers share one context; one that could not be made is made anew by the next call. */
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

/** A profile that others than the program named must exist: the default one never stands in for it. */
async function requireNamed(context: ClientContext): Promise<void> {
  const { source } = context.profile;
  if (source === "pinned" || source === "default") return;
  await (await import("./profiles/require_profile.ts")).requireProfile(context);
}
