import type { Identity } from "../core/identity.ts";
import { parseHttpsUrl, trimTrailingSlashes } from "../core/issuer.ts";
import type { Awaitable } from "../core/time.ts";
import {
  type ClerkAccess,
  type ClerkClient,
  type ClerkClientConfig,
  type ClerkClientLike,
  issuerClient,
} from "./clerk/client.ts";
import { SubjectLookup } from "./clerk/subject_lookup.ts";
import { envOfFactory, type ReadVariable, variablesOf } from "./env.ts";
import { misconfigured } from "./failures.ts";
import { createGuard } from "./http/handle.ts";
import { shared } from "./limits/by_key.ts";
import { Gate } from "./limits/gate.ts";
import { assertDuration, assertKnownOptions, type OptionNames, optionNames } from "./options.ts";
import { bearerToken } from "./token/credential.ts";
import {
  assertScopes,
  CLIENT_IDS_VARIABLE,
  clientIdsIn,
  type Policy,
  policyOf,
} from "./token/verified_token.ts";
import type {
  CacheOptions,
  CliAuthFactoryOptions,
  CliAuthInstance,
  TokenInfo,
  TokenKind,
  VerifiedToken,
  VerifyOptions,
} from "./types.ts";
import { keyOfPem } from "./verify/signing_keys.ts";
import { Verifier } from "./verify/verifier.ts";

export const CLI_AUTH_OPTIONS: OptionNames<CliAuthFactoryOptions> = optionNames(
  "client clientConfig env clientIds issuer audience cache requestTimeoutMs lookup jwtOnly",
);

/**
 * Creates a verifier for the API keys and OAuth access tokens that a CLI sends.
 *
 * @param options A Clerk client or how to create one, and what tokens must satisfy. All are optional if the
 * environment has `CLERK_SECRET_KEY`.
 * @returns The verifier. It reads and calls nothing before its first use.
 * @throws {ClerkCliAuthError} `config` if an option is invalid.
 *
 * @example Protect your own route
 * ```ts
 * import { cliAuth } from "@clerk/cli-auth/server";
 *
 * const auth = cliAuth({ clientIds: ["your-oauth-client-id"] });
 *
 * export async function listNotes(request: Request): Promise<Response> {
 *   const result = await auth.authenticate(request, { scopes: ["profile"] });
 *   if (!result.ok) return result.response;
 *   return Response.json({ notes: [], of: result.identity.sub });
 * }
 * ```
 *
 * @example Accept only JWTs, with no secret key on the server
 * ```ts
 * import { cliAuth } from "@clerk/cli-auth/server";
 *
 * const auth = cliAuth({
 *   jwtOnly: true,
 *   issuer: "https://clerk.example.com",
 *   clientIds: ["your-oauth-client-id"],
 * });
 * console.log(typeof auth.authenticate); // function
 * ```
 */
export function cliAuth<C extends ClerkClientLike = ClerkClient>(
  options: CliAuthFactoryOptions<C> = {},
): CliAuthInstance<C> {
  assertKnownOptions(options, CLI_AUTH_OPTIONS, "cliAuth()");
  return createCliAuth(options, { variable: variablesOf(options.env ?? envOfFactory()) });
}

interface Surroundings {
  /** Reads what the options do not provide. */
  variable: ReadVariable;
  /**
   * The clock, in Unix milliseconds.
   * @default Date.now
   */
  now?: () => number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Creates a verifier in the given environment. */
export function createCliAuth<C extends ClerkClientLike>(
  options: CliAuthFactoryOptions<C>,
  { variable, now = Date.now }: Surroundings,
): CliAuthInstance<C> {
  const { client, cache, requestTimeoutMs: timeoutMs = DEFAULT_TIMEOUT_MS, lookup, jwtOnly = false } =
    options;
  assertDuration(timeoutMs, "requestTimeoutMs");
  assertCache(options);
  assertJwtOnly(options);
  const stated = policyOf(options);
  // Read the environment late: a program may load its .env file after this.
  const policy = lazy<Policy>(() => {
    const clientIds = stated.clientIds ?? clientIdsIn(variable(CLIENT_IDS_VARIABLE));
    if (clientIds === undefined) warnUnrestricted();
    return { ...stated, clientIds };
  });
  const clientConfig = options.clientConfig && withParsedUrl(options.clientConfig);
  const settings = lazy(() => clientSettings(clientConfig, variable));

  const getAccess = shared(async (): Promise<ClerkAccess<C>> => {
    if (jwtOnly) {
      const clerk = issuerClient(stated.issuer!, timeoutMs) as ClerkClientLike as C;
      return { clerk, key: undefined, secrets: [] };
    }
    // If the caller passes no client, `C` is the default or what the caller says.
    const clerk = client === undefined ? await loadClient(settings()) as C : await given(client);
    if (typeof clerk?.authenticateRequest !== "function") {
      throw misconfigured("'client' must be a Clerk client: it has no authenticateRequest()");
    }
    // The caller's own client may use any key.
    const { jwtKey, secretKey = "" } = client === undefined ? settings() : clientConfig ?? {};
    return { clerk, key: jwtKey ? await keyOfPem(jwtKey) : undefined, secrets: [secretKey] };
  }, { maxAgeMs: timeoutMs, now });

  // If the caller passes a client, the key in the environment may belong to another instance.
  const secretKey = lazy(() => client === undefined ? settings().secretKey : clientConfig?.secretKey ?? "");
  const gate = lazy(() => new Gate({ secretKey: secretKey(), timeoutMs, now }));
  const { audience } = stated;
  const verifier = new Verifier({
    getAccess,
    isOwnClient: client === undefined,
    jwtOnly,
    policy,
    secretKey,
    gate,
    audience,
    cache,
    timeoutMs,
    now,
  });
  const subjects = lookup
    ? new SubjectLookup({ getAccess, gate, timeoutMs, ttlMs: cache?.ttlMs ?? 0, now })
    : undefined;

  async function verifyToken(token: string, verifyOptions: VerifyOptions = {}): Promise<VerifiedToken> {
    const info = await verifier.verify(token, verifyOptions);
    assertScopes(info.scopes, verifyOptions.scopes ?? []);
    // Copy, so that a caller that changes it does not affect later requests with the same token.
    return { ...info, scopes: [...info.scopes] };
  }

  const resolveIdentity = async ({ tokenInfo }: { tokenInfo: TokenInfo }) =>
    identityOf(tokenInfo, subjects && await subjects.lookUp(tokenInfo.subject));
  const auth: CliAuthInstance<C> = {
    authenticate: createGuard(() => auth),
    verifyToken,
    verifyTokenFromRequest: async (request, verifyOptions) =>
      await verifyToken(bearerToken(request), verifyOptions),
    resolveIdentity,
    resolveAuthInfo: resolveIdentity,
    getClerk: async () => (await getAccess()).clerk,
    // The caller decides which type it is.
  } as CliAuthInstance<C>;
  checks.set(auth, async (types) => [types.includes("oauth_token") && policy(), await getAccess()]);
  return auth;
}

/** How to check each verifier. The client is not all that may be misconfigured. */
const checks = new WeakMap<object, (types: readonly TokenKind[]) => Promise<unknown>>();

/** Checks that a verifier can work, without calling Clerk. Throws `config` if it cannot. */
export async function assertConfigured(
  auth: Pick<CliAuthInstance<ClerkClientLike>, "getClerk">,
  types: readonly TokenKind[],
): Promise<void> {
  await (checks.get(auth) ?? auth.getClerk)(types);
}

function warnUnrestricted(): void {
  // deno-lint-ignore no-console -- the operator has to know, and nothing has failed that could be reported
  console.warn(
    "@clerk/cli-auth: tokens of every OAuth application of this Clerk instance are accepted. " +
      `Set ${CLIENT_IDS_VARIABLE} or clientIds; clientIds: "any" says that this is intended.`,
  );
}

/** Returns the owner of a verified token. Custom claims stay under `claims`, where they cannot overwrite fields. */
function identityOf({ subject, type, orgId, claims }: TokenInfo, details: object | undefined): Identity {
  return {
    ...details,
    sub: subject,
    ...(orgId !== undefined && { org_id: orgId }),
    ...(type === "api_key" && claims && { claims }),
  };
}

async function given<C>(client: C | (() => Awaitable<C>)): Promise<C> {
  if (typeof client !== "function") return client;
  try {
    return await (client as () => Awaitable<C>)();
  } catch (cause) {
    throw misconfigured("The function that 'client' is gave no Clerk client", { cause });
  }
}

const CACHE_OPTIONS: OptionNames<CacheOptions> = { ttlMs: true, store: true, onError: true };

function assertCache<C extends ClerkClientLike>(options: CliAuthFactoryOptions<C>): void {
  const { client, clientConfig, cache } = options;
  if (!cache) return;
  assertKnownOptions(cache, CACHE_OPTIONS, "'cache'");
  assertDuration(cache.ttlMs, "cache.ttlMs");
  if (!cache.store || client === undefined || clientConfig?.secretKey) return;
  // The key in the environment may belong to another instance, which would then share the cache.
  throw misconfigured(
    "'cache.store' needs the secret key of 'client': pass clientConfig: { secretKey } beside it",
  );
}

/** Rejects options that would accept more or need a secret key. */
function assertJwtOnly<C extends ClerkClientLike>(options: CliAuthFactoryOptions<C>): void {
  const { jwtOnly = false, issuer, clientIds, client, clientConfig, lookup, cache } = options;
  if (typeof jwtOnly !== "boolean") throw misconfigured("'jwtOnly' must be true or false");
  if (!jwtOnly) return;
  if (issuer === undefined) throw misconfigured("'jwtOnly' needs 'issuer'");
  if (!Array.isArray(clientIds)) throw misconfigured("'jwtOnly' needs 'clientIds', a list of client IDs");
  const idle = Object.entries({ client, clientConfig, lookup, "cache.store": cache?.store })
    .filter(([, value]) => value !== undefined && value !== false).map(([name]) => name);
  if (idle.length === 0) return;
  throw misconfigured(`'${idle.join("', '")}' cannot be given beside 'jwtOnly': it needs a secret key`);
}

/** Returns a function that creates its result on the first call and keeps it. */
function lazy<T extends object | string>(create: () => T): () => T {
  let made: T | undefined;
  return () => made ??= create();
}

const NOT_FOUND = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"];

/**
 * Creates a client with `@clerk/backend`, an optional peer dependency that is loaded only here.
 *
 * @throws {ClerkCliAuthError} `config` if it is not installed or rejects the configuration.
 */
async function loadClient(config: ClerkClientConfig): Promise<ClerkClientLike> {
  const backend = await import("@clerk/backend").catch((cause) => {
    throw NOT_FOUND.includes(cause?.code)
      ? misconfigured("@clerk/backend is not installed", {
        action: "Run npm install @clerk/backend, or pass a 'client' to cliAuth()",
        cause,
      })
      : misconfigured("@clerk/backend could not be loaded", { cause });
  });
  try {
    return backend.createClerkClient(config);
  } catch (cause) {
    throw misconfigured("@clerk/backend refused its configuration", { cause });
  }
}

/** The environment variable for each option of a client. */
const CLIENT_VARIABLES = {
  secretKey: "CLERK_SECRET_KEY",
  publishableKey: "CLERK_PUBLISHABLE_KEY",
  apiUrl: "CLERK_API_URL",
  jwtKey: "CLERK_JWT_KEY",
} as const;

/** All variables that a verifier reads. */
export const VARIABLES: readonly string[] = [...Object.values(CLIENT_VARIABLES), CLIENT_IDS_VARIABLE];

/** Returns the settings of a client, from the configuration or the environment. Throws `config`. */
function clientSettings(
  config: ClerkClientConfig | undefined,
  variable: ReadVariable,
): ClerkClientConfig & { secretKey: string } {
  const settings = config ?? withParsedUrl(fromEnvironment(variable));
  const secretKey = settings.secretKey ?? variable(CLIENT_VARIABLES.secretKey);
  if (secretKey) return { ...settings, secretKey };
  throw misconfigured(`The server has no Clerk secret key: ${CLIENT_VARIABLES.secretKey} is not set`, {
    action: `Set ${CLIENT_VARIABLES.secretKey}, or pass clientConfig: { secretKey } to cliAuth()`,
  });
}

function fromEnvironment(variable: ReadVariable): ClerkClientConfig {
  const entries = Object.entries(CLIENT_VARIABLES).map(([option, name]) => [option, variable(name)]);
  return Object.fromEntries(entries.filter(([, value]) => value));
}

/** Checks the URL, which gets the secret key: it must be https, or http on loopback. */
function withParsedUrl(config: ClerkClientConfig): ClerkClientConfig {
  const { apiUrl } = config;
  if (apiUrl === undefined) return config;
  return { ...config, apiUrl: trimTrailingSlashes(parseHttpsUrl(apiUrl, CLIENT_VARIABLES.apiUrl).href) };
}
