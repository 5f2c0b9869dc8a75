/// <reference lib="esnext.disposable" preserve="true" />
import { ClerkCliAuthError } from "../core/errors.ts";
import { serveLoopback } from "../runtime/load.ts";
import { BACKEND_API_ROUTES, type BackendApiEndpoint } from "./backend_api/routes.ts";
import type { EmulatorBehavior } from "./behavior.ts";
import type {
  CreateApiKeyOptions,
  CreateApplicationOptions,
  CreateMachineOptions,
  CreateOrganizationOptions,
  CreateUserOptions,
  EmulatedApiKey,
  EmulatedApplication,
  EmulatedMachine,
  EmulatedOrganization,
  EmulatedUser,
} from "./entities.ts";
import { createFaultQueue, type Faults } from "./faults.ts";
import {
  addApiKey,
  addApplication,
  addMachine,
  addOrganization,
  addUser,
  createInstance,
  expireAccessTokens,
  type GrantFilter,
  type Instance,
  revokeGrants,
  seed,
} from "./instance.ts";
import { ISSUER_ROUTES, type IssuerEndpoint } from "./issuer/endpoints.ts";
import { authorizationOf, issueAccessToken, issueIdToken, issueRefreshToken } from "./issuer/tokens.ts";
import { homePage } from "./pages/pages.ts";
import { createEmulatorFetch, type EmulatorRequest, type Route } from "./serve.ts";

/** The options of {@linkcode createEmulator}. */
export interface EmulatorOptions {
  /** How the emulator behaves. You can change it later, too. */
  behavior?: Partial<EmulatorBehavior>;
  /**
   * Which RSA key pair to sign with. Generating one takes longer than everything else, so that by default all
   * emulators in a process share a pair; `"instance"` generates one for this emulator. Each emulator has its
   * own `kid` and issuer either way, so verifiers reject the tokens of other emulators.
   * @default "process"
   */
  signingKey?: "process" | "instance";
  /**
   * The clock: the current Unix time in milliseconds.
   * @default Date.now
   */
  now?: () => number;
}

/**
 * Creates an emulator of a Clerk instance: its OAuth server and the parts of its Backend API that this
 * package uses. It keeps everything in memory and only serves loopback hosts. The IDs of users,
 * organizations, applications, machines and API keys are the same at every start if created in the same
 * order; secrets and keys are new.
 *
 * @param options How it behaves.
 * @returns The emulator, with one user, one organization and one OAuth application. It stops listening at the
 * end of an `await using` block.
 *
 * @example Get the emulator's metadata
 * ```ts
 * import { createEmulator } from "@clerk/cli-auth/testing";
 *
 * await using emulator = createEmulator();
 * const { issuer } = await emulator.listen();
 * const response = await fetch(`${issuer}/.well-known/openid-configuration`);
 * const metadata = await response.json();
 * console.log(metadata.issuer === issuer); // true
 * ```
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { behavior = {}, signingKey = "process", now = Date.now } = options;
  const instance = createInstance({ behavior, keyPairOwner: signingKey, now });
  const { user, organization, application } = seed(instance);
  const faults = createFaultQueue<EmulatorEndpoint>();
  const requests: EmulatorRequest<EmulatorEndpoint>[] = [];
  const home: Route<EmulatorEndpoint> = {
    endpoint: "home",
    path: "/",
    methods: { GET: ({ issuer }) => homePage(issuer, { instance, requests }) },
  };
  const routes = [home, ...ISSUER_ROUTES, ...BACKEND_API_ROUTES];
  const respond = createEmulatorFetch<EmulatorEndpoint>({ instance, routes, faults, requests });
  const listening = new Set<ListeningEmulator>();
  let issuer = "http://127.0.0.1";
  const publishableKey = () => `pk_test_${btoa(`${new URL(issuer).host}$`)}`;

  return {
    instanceId: instance.id,
    secretKey: instance.secretKey,
    behavior: instance.behavior,
    faults,
    requests,
    user,
    organization,
    application,
    fetch: (request) => respond(request),
    get issuer() {
      return issuer;
    },
    get publishableKey() {
      return publishableKey();
    },
    async listen({ port = 0 } = {}) {
      const closing = new AbortController();
      const server = await serveLoopback((request) => respond(request, closing.signal), { port });
      issuer = `http://127.0.0.1:${server.port}`;
      const close = async () => {
        listening.delete(listener);
        closing.abort();
        await server.close();
      };
      const listener = { issuer, url: `${issuer}/`, port: server.port, close, [Symbol.asyncDispose]: close };
      listening.add(listener);
      return listener;
    },
    env() {
      if (listening.size === 0) throw notListening();
      return {
        CLERK_API_URL: issuer,
        CLERK_OAUTH_CLIENT_ID: application.clientId,
        CLERK_PUBLISHABLE_KEY: publishableKey(),
        CLERK_SECRET_KEY: instance.secretKey,
        CLERK_TELEMETRY_DISABLED: "1",
      };
    },
    createUser: (options) => addUser(instance, options),
    createOrganization: (options) => addOrganization(instance, options),
    createApplication: (options) => addApplication(instance, options),
    createMachine: (options) => addMachine(instance, options),
    createApiKey: (options) => addApiKey(instance, { subject: user, ...options }),
    issueTokens: (options) => issueTokens({ user, application, ...options }, { instance, issuer }),
    signJwt: async (claims, header = {}) => (await instance.signingKey()).sign(claims, header),
    revokeGrants: (filter = {}) => revokeGrants(instance, filter),
    expireAccessTokens: () => expireAccessTokens(instance),
    async [Symbol.asyncDispose]() {
      await Promise.all([...listening].map(({ close }) => close()));
    },
  };
}

function notListening(): ClerkCliAuthError {
  return new ClerkCliAuthError("config", "The emulator is not listening, so it has no address", {
    action: "Call listen() first",
  });
}

/** The endpoints of an {@linkcode Emulator}, as named by faults and the request log. */
export type EmulatorEndpoint = "home" | IssuerEndpoint | BackendApiEndpoint;

/** A listening emulator. It closes at the end of an `await using` block. */
export interface ListeningEmulator extends AsyncDisposable {
  /** The issuer, without a trailing slash. */
  readonly issuer: string;
  /** The URL of its home page. */
  readonly url: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** Stops listening and ends every connection. The state remains, and the emulator can listen again. */
  close(this: void): Promise<void>;
}

/**
 * An emulator of one Clerk instance. Its methods work without `this`. It stops listening at the end of an
 * `await using` block.
 */
export interface Emulator extends AsyncDisposable {
  /** The instance ID, `ins_…`, also the `kid` of its key. */
  readonly instanceId: string;
  /** The issuer of directly issued tokens: where the emulator last listened, initially `http://127.0.0.1`. */
  readonly issuer: string;
  /** The secret key of its Backend API. */
  readonly secretKey: string;
  /** The publishable key. It contains the issuer's host. */
  readonly publishableKey: string;
  /** How it behaves. You can change every field at any time. */
  readonly behavior: EmulatorBehavior;
  /** Errors to inject. */
  readonly faults: Faults<EmulatorEndpoint>;
  /** The last 10,000 requests received, in order; set its `length` to 0 to clear it. */
  readonly requests: EmulatorRequest<EmulatorEndpoint>[];
  /** The default user: Ada Lovelace, `ada@example.com`. */
  readonly user: EmulatedUser;
  /** The default organization; the default user is a member. */
  readonly organization: EmulatedOrganization;
  /** The default OAuth application, a public client: `emulator-cli`. */
  readonly application: EmulatedApplication;
  /**
   * Handles a request, for `Deno.serve`, `Bun.serve`, a `node:http` adapter or a worker. Responds with 421
   * unless the host is loopback.
   *
   * @param request The request.
   * @returns The response.
   */
  fetch(this: void, request: Request): Promise<Response>;
  /**
   * Listens on 127.0.0.1, on Deno, Node and Bun.
   *
   * @param options `port`: the port; any free one by default.
   * @returns Where it listens, and how to stop it.
   */
  listen(this: void, options?: { port?: number }): Promise<ListeningEmulator>;
  /**
   * Returns the environment variables that make a backend process use this emulator: `CLERK_API_URL`,
   * `CLERK_SECRET_KEY`, `CLERK_PUBLISHABLE_KEY`, `CLERK_OAUTH_CLIENT_ID` of the default application, and
   * `CLERK_TELEMETRY_DISABLED`.
   *
   * @returns The variables.
   * @throws {ClerkCliAuthError} `config` if the emulator is not listening.
   */
  env(this: void): Record<string, string>;
  /**
   * Creates a user.
   *
   * @param options The user's details.
   * @returns The user. You can change its fields.
   */
  createUser(this: void, options?: CreateUserOptions): EmulatedUser;
  /**
   * Creates an organization.
   *
   * @param options The organization's details.
   * @returns The organization.
   */
  createOrganization(this: void, options: CreateOrganizationOptions): EmulatedOrganization;
  /**
   * Creates an OAuth application.
   *
   * @param options The application's registration.
   * @returns The application.
   */
  createApplication(this: void, options?: CreateApplicationOptions): EmulatedApplication;
  /**
   * Creates a machine.
   *
   * @param options The machine's details.
   * @returns The machine.
   */
  createMachine(this: void, options?: CreateMachineOptions): EmulatedMachine;
  /**
   * Creates an API key.
   *
   * @param options The owner and the scopes of the key.
   * @returns The API key with its secret. You can change its fields, such as `revoked`.
   */
  createApiKey(this: void, options?: CreateApiKeyOptions): EmulatedApiKey;
  /**
   * Issues tokens without a browser, for tests that start after a sign-in.
   *
   * @param options The user, the application and the kind of tokens.
   * @returns The tokens, as a sign-in would return them.
   */
  issueTokens(this: void, options?: IssueTokensOptions): Promise<EmulatedTokens>;
  /**
   * Signs any JWT with the instance's key, for tests of tokens that must be rejected.
   *
   * @param claims The claims, unchanged.
   * @param header Header parameters that extend or replace `alg` and `kid`.
   * @returns The JWT.
   */
  signJwt(this: void, claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  /**
   * Revokes grants, as in a dashboard. Their tokens are dead, but a JWT keeps a valid signature.
   *
   * @param filter The user or the application; all grants by default.
   * @returns The number of revoked grants.
   */
  revokeGrants(this: void, filter?: GrantFilter): number;
  /** Expires every access token, but a JWT keeps its `exp`. */
  expireAccessTokens(this: void): void;
}

/** The options of {@linkcode Emulator.issueTokens}. */
export interface IssueTokensOptions {
  /**
   * The user whose tokens they are.
   * @default the default user
   */
  user?: EmulatedUser;
  /**
   * The OAuth application that receives them.
   * @default the default application
   */
  application?: EmulatedApplication;
  /** The organization that the user chose. It needs the scope `user:org:read`. */
  organization?: EmulatedOrganization;
  /**
   * The scopes.
   * @default ["openid", "profile", "email", "offline_access"]
   */
  scopes?: readonly string[];
  /** The audience of the access token, if it is a JWT. */
  audience?: string;
  /**
   * The format of the access token.
   * @default the behavior's `accessTokenFormat`
   */
  format?: "jwt" | "opaque";
  /**
   * The lifetime of the access token, in seconds; negative for an expired token.
   * @default the behavior's `accessTokenLifetimeSeconds`
   */
  lifetimeSeconds?: number;
}

/** Tokens issued without a browser: the token set that a sign-in would return. */
export interface EmulatedTokens {
  /** The access token. */
  accessToken: string;
  /** The refresh token. */
  refreshToken: string;
  /** The ID token, with the scope `openid`. */
  idToken?: string;
  /** When the access token expires, in Unix milliseconds. */
  expiresAt: number;
  /** The scopes, separated by spaces. */
  scope: string;
  /** The token type. */
  tokenType: string;
}

const DEFAULT_SCOPES = ["openid", "profile", "email", "offline_access"];

/** Issues an access token, a refresh token and, with the scope `openid`, an ID token. */
async function issueTokens(
  options: IssueTokensOptions & { user: EmulatedUser; application: EmulatedApplication },
  { instance, issuer }: { instance: Instance; issuer: string },
): Promise<EmulatedTokens> {
  const { user, application, organization, audience, scopes = DEFAULT_SCOPES } = options;
  const { behavior } = instance;
  const approval = { user, organizationId: organization?.id, authenticatedAt: instance.now() };
  const request = { application, scopes, audience, nonce: undefined };
  const authorization = authorizationOf(request, { approval, instance });
  const format = options.format ?? behavior.accessTokenFormat;
  const lifetimeSeconds = options.lifetimeSeconds ?? behavior.accessTokenLifetimeSeconds;
  const accessToken = await issueAccessToken(authorization, { instance, issuer, format, lifetimeSeconds });
  return {
    accessToken: accessToken.token,
    refreshToken: issueRefreshToken(authorization, instance).token,
    expiresAt: accessToken.expiresAt,
    scope: scopes.join(" "),
    tokenType: behavior.tokenType,
    ...scopes.includes("openid") && { idToken: await issueIdToken(accessToken, { instance, issuer }) },
  };
}
