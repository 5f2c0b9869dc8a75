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
  /** How the emulator behaves where Clerk's instances differ; may be changed later. */
  behavior?: Partial<EmulatorBehavior>;
  /**
   * Which RSA key pair it signs with. Generating one takes longer than everything else it does, so by default all
   * emulators in a process share one, generated when it is first needed; `"instance"` generates a pair for this emulator
   * alone. The key's `kid`, the issuer and all tokens are its own in any case: a verifier that looks up keys by `kid` or
   * checks the issuer refuses the tokens of other emulators.
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
 * Creates an emulator of a Clerk instance: its OAuth server and the part of its Backend API that this package uses. All
 * state is in memory, and it only responds to requests for loopback hosts. The ids of users, organizations, applications,
 * machines and API keys are the same at every start, if they are created in the same order; secrets and keys are new.
 *
 * @param options How it behaves.
 * @returns The emulator, with one user, one organization and one OAuth application. At the end of an `await using` block
 * it stops listening.
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
  const answer = createEmulatorFetch<EmulatorEndpoint>({ instance, routes, faults, requests });
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
    fetch: (request) => answer(request),
    get issuer() {
      return issuer;
    },
    get publishableKey() {
      return publishableKey();
    },
    async listen({ port = 0 } = {}) {
      const closing = new AbortController();
      const server = await serveLoopback((request) => answer(request, closing.signal), { port });
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
  return new ClerkCliAuthError("config", "The emulator is not listening, so it has no address to give", {
    action: "Call listen() first",
  });
}

/** The endpoints of an {@linkcode Emulator}, as named by faults and the request log. */
export type EmulatorEndpoint = "home" | IssuerEndpoint | BackendApiEndpoint;

/** A listening emulator. At the end of an `await using` block it is closed. */
export interface ListeningEmulator extends AsyncDisposable {
  /** The issuer, without a slash at the end. */
  readonly issuer: string;
  /** The URL of its home page. */
  readonly url: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** Stops listening and ends every connection. The state remains: the emulator may listen again. */
  close(this: void): Promise<void>;
}

/**
 * An emulator of one Clerk instance. Its methods need no `this`, so they can be destructured. At the end of an
 * `await using` block it stops listening everywhere.
 */
export interface Emulator extends AsyncDisposable {
  /** `ins_…`, also the `kid` of its key. */
  readonly instanceId: string;
  /** The issuer of what is issued directly: where the emulator last listened, initially `http://127.0.0.1`. */
  readonly issuer: string;
  /** The secret key of its Backend API. */
  readonly secretKey: string;
  /** The publishable key, which names the issuer. */
  readonly publishableKey: string;
  /** How it behaves; every field may be changed at any time. */
  readonly behavior: EmulatorBehavior;
  /** What will go wrong on purpose. */
  readonly faults: Faults<EmulatorEndpoint>;
  /** Every request received, in order; set its `length` to 0 to clear it. */
  readonly requests: EmulatorRequest<EmulatorEndpoint>[];
  /** The default user: Ada Lovelace, `ada@example.com`. */
  readonly user: EmulatedUser;
  /** The default organization; the default user is a member. */
  readonly organization: EmulatedOrganization;
  /** The default OAuth application, a public client: `emulator-cli`. */
  readonly application: EmulatedApplication;
  /**
   * Handles a request: a plain handler for `Deno.serve`, `Bun.serve`, an adapter of `node:http` or a worker. Responds with
   * 421 unless the host is loopback.
   *
   * @param request The request.
   * @returns The response.
   */
  fetch(this: void, request: Request): Promise<Response>;
  /**
   * Listens on 127.0.0.1, on Deno, Node and Bun.
   *
   * @param options `port`: the port, or 0 for any free one.
   * @returns Where it listens and how to stop it.
   */
  listen(this: void, options?: { port?: number }): Promise<ListeningEmulator>;
  /**
   * Gives the environment variables with which a backend that runs as a process uses this emulator: `CLERK_API_URL`,
   * `CLERK_SECRET_KEY`, `CLERK_PUBLISHABLE_KEY`, `CLERK_OAUTH_CLIENT_ID` of the default application, and
   * `CLERK_TELEMETRY_DISABLED`. Hand them to the process beside your own.
   *
   * @returns The variables.
   * @throws {ClerkCliAuthError} `config` if the emulator is not listening.
   */
  env(this: void): Record<string, string>;
  /**
   * Creates a user.
   *
   * @param options What is known about the user.
   * @returns The user, whose fields may be changed.
   */
  createUser(this: void, options?: CreateUserOptions): EmulatedUser;
  /**
   * Creates an organization.
   *
   * @param options What is known about the organization.
   * @returns The organization.
   */
  createOrganization(this: void, options: CreateOrganizationOptions): EmulatedOrganization;
  /**
   * Creates an OAuth application.
   *
   * @param options How the application is registered.
   * @returns The application.
   */
  createApplication(this: void, options?: CreateApplicationOptions): EmulatedApplication;
  /**
   * Creates a machine.
   *
   * @param options What is known about the machine.
   * @returns The machine.
   */
  createMachine(this: void, options?: CreateMachineOptions): EmulatedMachine;
  /**
   * Creates an API key.
   *
   * @param options Whose key it is and what it may do.
   * @returns The API key with its secret; its fields may be changed, for instance `revoked`.
   */
  createApiKey(this: void, options?: CreateApiKeyOptions): EmulatedApiKey;
  /**
   * Issues tokens without a browser, for tests of what follows a sign-in.
   *
   * @param options Whose tokens, and of what kind.
   * @returns The tokens, as a sign-in would yield them.
   */
  issueTokens(this: void, options?: IssueTokensOptions): Promise<EmulatedTokens>;
  /**
   * Signs any JWT with the instance's key, for tests of what must be refused.
   *
   * @param claims The claims, as they are.
   * @param header Header parameters to add to `alg` and `kid`, or to replace them.
   * @returns The JWT.
   */
  signJwt(this: void, claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  /**
   * Revokes what users have granted, as in a dashboard. The tokens of these grants are dead from then on, except that a
   * JWT keeps its signature.
   *
   * @param filter Whose grants, and to which application; all grants if left out.
   * @returns How many grants were revoked.
   */
  revokeGrants(this: void, filter?: GrantFilter): number;
  /** Expires every access token, except that a JWT keeps its `exp`. */
  expireAccessTokens(this: void): void;
}

/** The options of {@linkcode Emulator.issueTokens}. */
export interface IssueTokensOptions {
  /**
   * Whose tokens they are.
   * @default the default user
   */
  user?: EmulatedUser;
  /**
   * The OAuth application that receives them.
   * @default the default application
   */
  application?: EmulatedApplication;
  /** The organization that the user chose; only used with the scope `user:org:read`. */
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
   * The lifetime of the access token in seconds; negative for an expired one.
   * @default the behavior's `accessTokenLifetimeSeconds`
   */
  lifetimeSeconds?: number;
}

/** Tokens issued without a browser, as the token set that a sign-in would yield. */
export interface EmulatedTokens {
  /** The access token. */
  accessToken: string;
  /** The refresh token. */
  refreshToken: string;
  /** The ID token, with the scope `openid`. */
  idToken?: string;
  /** When the access token expires, Unix time in milliseconds. */
  expiresAt: number;
  /** The scopes, separated by spaces. */
  scope: string;
  /** The token type. */
  tokenType: string;
}

const DEFAULT_SCOPES = ["openid", "profile", "email", "offline_access"];

/** Issues tokens without a browser: an access token, a refresh token and, with the scope `openid`, an ID token. */
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
