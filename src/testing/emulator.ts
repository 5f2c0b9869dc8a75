import type { BackendApiEndpoint } from "./backend_api/routes.ts";
import type { EmulatorBehavior } from "./behavior.ts";
import type { GrantFilter } from "./end_tokens.ts";
import type {
  CreateApplicationOptions,
  CreateOrganizationOptions,
  CreateUserOptions,
  EmulatedApplication,
  EmulatedOrganization,
  EmulatedUser,
} from "./entities.ts";
import type { Faults } from "./faults.ts";
import type { EmulatedTokens, IssueTokensOptions } from "./issue_directly.ts";
import type { IssuerEndpoint } from "./issuer/routes.ts";
import type {
  CreateApiKeyOptions,
  CreateMachineOptions,
  EmulatedApiKey,
  EmulatedMachine,
} from "./machine_entities.ts";
import type { EmulatorRequest } from "./request_log.ts";

/** The endpoints of an {@linkcode Emulator}, as faults and the log of requests name them. */
export type EmulatorEndpoint = IssuerEndpoint | BackendApiEndpoint;

/** An emulator that listens. */
export interface ListeningEmulator {
  /** The issuer, without a slash at the end. */
  readonly issuer: string;
  /** The address of its home page. */
  readonly url: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** Stops listening and ends every connection. The state stays: the emulator may listen again. */
  close(): Promise<void>;
}

/** An emulator of one Clerk instance. */
export interface Emulator {
  /** `ins_…`, which is the `kid` of its key too. */
  readonly instanceId: string;
  /** The issuer of what is issued directly: where the emulator listened last, at first `http://127.0.0.1`. */
  readonly issuer: string;
  /** The secret key of its Backend API. */
  readonly secretKey: string;
  /** The publishable key, which names the issuer. */
  readonly publishableKey: string;
  /** How it behaves; every field may be changed at any time. */
  readonly behavior: EmulatorBehavior;
  /** What is going to go wrong on purpose. */
  readonly faults: Faults<EmulatorEndpoint>;
  /** Every request that came, in order; set its `length` to 0 to start anew. */
  readonly requests: EmulatorRequest<EmulatorEndpoint>[];
  /** The user that there is from the beginning: Ada Lovelace, `ada@example.com`. */
  readonly user: EmulatedUser;
  /** The organization that there is from the beginning; the default user is its member. */
  readonly organization: EmulatedOrganization;
  /** The public OAuth application that there is from the beginning: `emulator-cli`. */
  readonly application: EmulatedApplication;
  /**
   * Answers a request; a plain handler for `Deno.serve`, `Bun.serve`, an adapter of `node:http` or a worker. It answers 421
   * unless the host is loopback.
   *
   * @param request The request.
   * @returns The answer.
   */
  fetch(this: void, request: Request): Promise<Response>;
  /**
   * Listens on 127.0.0.1, on Deno, Node and Bun.
   *
   * @param options `port`: the port, or 0 for any free one.
   * @returns Where it listens and how to stop it.
   */
  listen(options?: { port?: number }): Promise<ListeningEmulator>;
  /**
   * Creates a user.
   *
   * @param options What is known of the user.
   * @returns The user, whose fields may be changed.
   */
  createUser(options?: CreateUserOptions): EmulatedUser;
  /**
   * Creates an organization.
   *
   * @param options What is known of the organization.
   * @returns The organization.
   */
  createOrganization(options: CreateOrganizationOptions): EmulatedOrganization;
  /**
   * Creates an OAuth application.
   *
   * @param options How the application is registered.
   * @returns The application.
   */
  createApplication(options?: CreateApplicationOptions): EmulatedApplication;
  /**
   * Creates a machine.
   *
   * @param options What is known of the machine.
   * @returns The machine.
   */
  createMachine(options?: CreateMachineOptions): EmulatedMachine;
  /**
   * Creates an API key.
   *
   * @param options Whose key it is and what it may do.
   * @returns The API key with its secret; its fields may be changed, for instance `revoked`.
   */
  createApiKey(options?: CreateApiKeyOptions): EmulatedApiKey;
  /**
   * Issues tokens without a browser, for tests of what comes after a sign-in.
   *
   * @param options Whose tokens, and of what kind.
   * @returns The tokens, as a sign-in would yield them.
   */
  issueTokens(options?: IssueTokensOptions): Promise<EmulatedTokens>;
  /**
   * Signs any JWT with the instance's key, for tests of what must be refused.
   *
   * @param claims The claims, as they are.
   * @param header Header parameters besides `alg` and `kid`, or instead of them.
   * @returns The JWT.
   */
  signJwt(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  /**
   * Revokes what users have granted, as one does in a dashboard. The tokens of these grants are dead from then on, except
   * that a JWT keeps its signature.
   *
   * @param filter Whose grants, and to which application; all without one.
   * @returns How many grants were revoked.
   */
  revokeGrants(filter?: GrantFilter): number;
  /** Ends the lifetime of every access token, except that a JWT keeps its `exp`. */
  expireAccessTokens(): void;
}
