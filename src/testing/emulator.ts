import { loadRuntime } from "../runtime/load.ts";
import type { EmulatorBehavior } from "./behavior.ts";
import { addApplication, addOrganization, addUser } from "./directory.ts";
import { createEmulatorFetch } from "./emulator_fetch.ts";
import type {
  CreateApplicationOptions,
  CreateOrganizationOptions,
  CreateUserOptions,
  EmulatedApplication,
  EmulatedOrganization,
  EmulatedUser,
} from "./entities.ts";
import { createFaultQueue, type Faults } from "./faults.ts";
import { createInstance } from "./instance.ts";
import { ISSUER_ROUTES, type IssuerEndpoint } from "./issuer/routes.ts";
import type { EmulatorRequest } from "./request_log.ts";

/** The client identifier of the application that every emulator starts with. */
const DEFAULT_CLIENT_ID = "emulator-cli";

/** The endpoints of an {@linkcode Emulator}, as faults and the log of requests name them. */
export type EmulatorEndpoint = IssuerEndpoint;

/** What {@linkcode createEmulator} takes. */
export interface EmulatorOptions {
  /** How the emulator behaves where Clerk's instances differ; it may be changed later. */
  behavior?: Partial<EmulatorBehavior>;
  /**
   * The clock: the current Unix time in milliseconds.
   * @default Date.now
   */
  now?: () => number;
}

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
  /** `ins_…` */
  readonly instanceId: string;
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
  fetch(request: Request): Promise<Response>;
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
}

/**
 * Creates an emulator of a Clerk instance: its OAuth server and the part of its Backend API that this package uses. All
 * state is in memory, its keys are made afresh, and it answers requests to loopback hosts only.
 *
 * @param options How it behaves.
 * @returns The emulator, with one user, one organization and one OAuth application.
 *
 * @example Sign in without a Clerk account
 * ```ts
 * import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator();
 * const { issuer, close } = await emulator.listen();
 * const metadata = await fetch(`${issuer}/.well-known/openid-configuration`);
 * console.log((await metadata.json()).issuer === issuer); // true
 * await close();
 * ```
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { behavior = {}, now = Date.now } = options;
  const instance = createInstance({ behavior, now });
  const organization = addOrganization(instance, { name: "Analytical Engines" });
  const user = addUser(instance, {
    email: "ada@example.com",
    firstName: "Ada",
    lastName: "Lovelace",
    username: "ada",
    organizations: [organization],
  });
  const application = addApplication(instance, { clientId: DEFAULT_CLIENT_ID, name: "Example CLI" });
  const faults = createFaultQueue<EmulatorEndpoint>();
  const requests: EmulatorRequest<EmulatorEndpoint>[] = [];
  const fetch = createEmulatorFetch({ instance, routes: ISSUER_ROUTES, faults, requests });
  return {
    instanceId: instance.id,
    behavior: instance.behavior,
    faults,
    requests,
    user,
    organization,
    application,
    fetch,
    async listen({ port = 0 } = {}) {
      const runtime = await loadRuntime();
      const server = await runtime.serveLoopback(fetch, { port });
      const issuer = `http://127.0.0.1:${server.port}`;
      return { issuer, url: `${issuer}/`, port: server.port, close: () => server.close() };
    },
    createUser: (options) => addUser(instance, options),
    createOrganization: (options) => addOrganization(instance, options),
    createApplication: (options) => addApplication(instance, options),
  };
}
