import { serveLoopback } from "../runtime/serve_loopback.ts";
import type { EmulatorBehavior } from "./behavior.ts";
import { BACKEND_API_ROUTES } from "./backend_api/routes.ts";
import { addApiKey, addApplication, addMachine, addOrganization, addUser } from "./directory.ts";
import type { Emulator, EmulatorEndpoint } from "./emulator.ts";
import { expireAccessTokens, revokeGrants } from "./end_tokens.ts";
import { createEmulatorFetch } from "./emulator_fetch.ts";
import { createFaultQueue } from "./faults.ts";
import { createInstance } from "./instance.ts";
import { issueTokens } from "./issue_directly.ts";
import { ISSUER_ROUTES } from "./issuer/routes.ts";
import type { EmulatorRequest } from "./request_log.ts";
import { seed } from "./seed.ts";

/** What {@linkcode createEmulator} takes. */
export interface EmulatorOptions {
  /** How the emulator behaves where Clerk's instances differ; it may be changed later. */
  behavior?: Partial<EmulatorBehavior>;
  /**
   * Whose RSA key pair it signs with. Generating one takes longer than everything else it does, so by default all
   * emulators of a process share the one that the first of them generates when it needs it; `"instance"` generates a
   * pair for this emulator alone. The key's `kid`, the issuer and all tokens are its own in any case: who looks keys up by
   * their `kid` or checks the issuer refuses the tokens of other emulators.
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
 * state is in memory, and it answers requests to loopback hosts only.
 *
 * @param options How it behaves.
 * @returns The emulator, with one user, one organization and one OAuth application.
 *
 * @example Ask the emulator for its metadata
 * ```ts
 * import { createEmulator } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator();
 * const { issuer, close } = await emulator.listen();
 * const response = await fetch(`${issuer}/.well-known/openid-configuration`);
 * const metadata = await response.json();
 * console.log(metadata.issuer === issuer); // true
 * await close();
 * ```
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const { behavior = {}, signingKey = "process", now = Date.now } = options;
  const instance = createInstance({ behavior, keyPairOwner: signingKey, now });
  const { user, organization, application } = seed(instance);
  const faults = createFaultQueue<EmulatorEndpoint>();
  const requests: EmulatorRequest<EmulatorEndpoint>[] = [];
  const routes = [...ISSUER_ROUTES, ...BACKEND_API_ROUTES];
  const answer = createEmulatorFetch<EmulatorEndpoint>({ instance, routes, faults, requests });
  let issuer = "http://127.0.0.1";

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
      return `pk_test_${btoa(`${new URL(issuer).host}$`)}`;
    },
    async listen({ port = 0 } = {}) {
      const closing = new AbortController();
      const server = await serveLoopback((request) => answer(request, closing.signal), { port });
      issuer = `http://127.0.0.1:${server.port}`;
      const close = async () => {
        closing.abort();
        await server.close();
      };
      return { issuer, url: `${issuer}/`, port: server.port, close };
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
  };
}
