import { type Awaitable, MAX_TIMER_MS } from "../core/time.ts";
import type { Identity } from "../core/identity.ts";
import { parseHttpsUrl, trimTrailingSlashes } from "../core/issuer.ts";
import type { ClerkAccess, ClerkClientConfig, ClerkClientLike } from "./clerk/client.ts";
import { SubjectLookup } from "./clerk/subject_lookup.ts";
import type { ReadVariable } from "./env.ts";
import { misconfigured } from "./failures.ts";
import { Gate } from "./limits/gate.ts";
import { shared } from "./limits/by_key.ts";
import { assertKnownOptions, type OptionNames } from "./options.ts";
import {
  acceptedTypes,
  assertAccepted,
  assertFaultless,
  bearerToken,
  classify,
  type TokenType,
} from "./token/credential.ts";
import {
  assertPolicy,
  assertScopes,
  CLIENT_IDS_VARIABLE,
  clientIdsIn,
  type Policy,
  policyOf,
} from "./token/verified_token.ts";
import type { CacheOptions, CliAuth, CliAuthOptions, TokenInfo, VerifyOptions } from "./types.ts";
import { keyOfPem } from "./verify/signing_keys.ts";
import { createVerifier } from "./verify/verifier.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
const NOT_FOUND = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"];

/** The variable for each option of a client. */
const CLIENT_VARIABLES = {
  secretKey: "CLERK_SECRET_KEY",
  publishableKey: "CLERK_PUBLISHABLE_KEY",
  apiUrl: "CLERK_API_URL",
  jwtKey: "CLERK_JWT_KEY",
} as const;

/** Every variable that a verifier reads. */
export const VARIABLES: readonly string[] = [...Object.values(CLIENT_VARIABLES), CLIENT_IDS_VARIABLE];

/** The options of `cliAuth()`. */
export const CLI_AUTH_OPTIONS: OptionNames<CliAuthOptions> = {
  client: true,
  clientConfig: true,
  env: true,
  clientIds: true,
  issuer: true,
  audience: true,
  cache: true,
  requestTimeoutMs: true,
  lookup: true,
};

const CACHE_OPTIONS: OptionNames<CacheOptions> = { ttlMs: true, store: true, onError: true };

/** What a verifier uses of its environment. */
interface Surroundings {
  /** Reads what no option gives. */
  variable: ReadVariable;
  /**
   * The clock, Unix time in milliseconds.
   * @default Date.now
   */
  now?: () => number;
}

/** Checks of verifiers, by verifier: what is configured may be wrong in more than the client. */
const checks = new WeakMap<object, (types: readonly TokenType[]) => Promise<unknown>>();

/**
 * Checks whether a verifier can do its work, without calling Clerk.
 *
 * @throws {ClerkCliAuthError} `config` if it cannot.
 */
export async function assertConfigured(
  auth: Pick<CliAuth, "getClerk">,
  types: readonly TokenType[],
): Promise<void> {
  await (checks.get(auth) ?? auth.getClerk)(types);
}

/** Creates a verifier in a given environment. */
export function createCliAuth<C extends ClerkClientLike>(
  options: CliAuthOptions<C>,
  { variable, now = Date.now }: Surroundings,
): CliAuth<C> {
  const { client, clientConfig, cache, requestTimeoutMs: timeoutMs = DEFAULT_TIMEOUT_MS, lookup = false } =
    options;
  assertDuration(timeoutMs, "requestTimeoutMs");
  assertCache(options);
  const stated = policyOf(options);
  // The environment is read late: a program may load its .env file after creating this.
  const policy = lazy<Policy>(() => {
    const clientIds = stated.clientIds ?? clientIdsIn(variable(CLIENT_IDS_VARIABLE));
    if (clientIds === undefined) warnUnrestricted();
    return { ...stated, clientIds };
  });
  const settings = lazy(() => clientSettings(clientConfig, variable));

  const getAccess = shared(async (): Promise<ClerkAccess<C>> => {
    // If the caller passes no client, `C` is the default or what the caller says it is.
    const clerk = client === undefined ? await loadClient(settings()) as C : await given(client);
    if (typeof clerk?.authenticateRequest !== "function") {
      throw misconfigured("'client' must be a Clerk client: it has no authenticateRequest()");
    }
    // The caller's own client may have been created with any key.
    const { jwtKey, secretKey = "" } = client === undefined ? settings() : clientConfig ?? {};
    return { clerk, key: jwtKey ? await keyOfPem(jwtKey) : undefined, secrets: [secretKey] };
  }, { maxAgeMs: timeoutMs, now });

  // Beside a client of the caller's, the key in the environment may belong to another instance.
  const secretKey = () => client === undefined ? settings().secretKey : clientConfig?.secretKey ?? "";
  const gate = lazy(() => new Gate({ secretKey: secretKey(), timeoutMs, now }));
  const verifier = createVerifier({
    getAccess,
    isOwnClient: client === undefined,
    secretKey,
    gate,
    audience: stated.audience,
    cache,
    timeoutMs,
    now,
  });

  const subjects = lookup
    ? new SubjectLookup({ getAccess, gate, timeoutMs, ttlMs: cache?.ttlMs ?? 0, now })
    : undefined;

  // Read before Clerk is asked; not at all for API keys, which belong to no application.
  const policyFor = (types: readonly TokenType[]) => types.includes("oauth_token") ? policy() : {};

  async function verifyToken(token: string, verifyOptions: VerifyOptions = {}): Promise<TokenInfo> {
    const { accepts = "any", scopes = [], source } = verifyOptions;
    const types = acceptedTypes(accepts);
    const applied = policyFor(types);
    let info = verifier.recall(token);
    if (info) {
      assertAccepted(info.type, types);
    } else {
      const credential = classify(token, types);
      assertFaultless(credential, now());
      info = await verifier.verify(credential, source);
    }
    assertPolicy(info, applied);
    assertScopes(info.scopes, scopes);
    // A copy: a caller that changes it must not affect later requests with the same token.
    return { ...info, scopes: [...info.scopes] };
  }

  async function verifyTokenFromRequest(request: Request, verifyOptions?: VerifyOptions): Promise<TokenInfo> {
    return await verifyToken(bearerToken(request), verifyOptions);
  }

  const auth: CliAuth<C> = {
    getClerk: async () => (await getAccess()).clerk,
    verifyToken,
    verifyTokenFromRequest,
    resolveAuthInfo: ({ tokenInfo }) => identityOf(tokenInfo, subjects),
  };
  checks.set(auth, async (types) => [policyFor(types), await getAccess()]);
  return auth;
}

function warnUnrestricted(): void {
  // deno-lint-ignore no-console -- the operator has to know, and nothing has failed that could be reported
  console.warn(
    "@clerk/cli-auth: tokens of every OAuth application of this Clerk instance are accepted. " +
      `Set ${CLIENT_IDS_VARIABLE} or clientIds; clientIds: "any" says that this is intended.`,
  );
}

/** Who a verified token belongs to. Custom claims are under `claims`, where they cannot overwrite anything. */
async function identityOf(
  info: TokenInfo,
  subjects: SubjectLookup | undefined,
): Promise<Identity> {
  const { subject, type, orgId, claims } = info;
  return {
    ...await subjects?.lookUp(subject),
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

function assertCache<C extends ClerkClientLike>({ client, clientConfig, cache }: CliAuthOptions<C>): void {
  if (!cache) return;
  assertKnownOptions(cache, CACHE_OPTIONS, "'cache'");
  assertDuration(cache.ttlMs, "cache.ttlMs");
  if (!cache.store || client === undefined || clientConfig?.secretKey) return;
  // The key in the environment may belong to another instance, which would then share the cache.
  throw misconfigured(
    "'cache.store' needs the secret key of 'client': pass clientConfig: { secretKey } beside it",
  );
}

/**
 * Checks a duration.
 *
 * @throws {ClerkCliAuthError} `config` if it is not a positive number of milliseconds, or more than a timer accepts.
 */
function assertDuration(value: unknown, name: string): void {
  if (typeof value === "number" && value > 0 && value <= MAX_TIMER_MS) return;
  throw misconfigured(
    `'${name}' must be a positive number of milliseconds, at most ${MAX_TIMER_MS}: got ${String(value)}`,
  );
}

/** A function whose result is created on the first call and kept. */
function lazy<T extends object>(create: () => T): () => T {
  let made: T | undefined;
  return () => made ??= create();
}

/**
 * Creates a client with `@clerk/backend`, an optional peer dependency that is loaded only now.
 *
 * @throws {ClerkCliAuthError} `config` if it is not installed or refuses the configuration.
 */
async function loadClient(config: ClerkClientConfig): Promise<ClerkClientLike> {
  const { createClerkClient } = await importBackend();
  try {
    return createClerkClient(config);
  } catch (cause) {
    throw misconfigured("@clerk/backend refused its configuration", { cause });
  }
}

async function importBackend(): Promise<typeof import("@clerk/backend")> {
  try {
    return await import("@clerk/backend");
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? "";
    throw NOT_FOUND.includes(code)
      ? misconfigured("@clerk/backend is not installed", {
        action: "Run npm install @clerk/backend, or pass a 'client' to cliAuth()",
        cause,
      })
      : misconfigured("@clerk/backend could not be loaded", { cause });
  }
}

/**
 * The settings of a client: the given configuration, or that of the environment.
 *
 * @throws {ClerkCliAuthError} `config` if there is no secret key, or the URL of the API is neither https nor
 * loopback.
 */
function clientSettings(
  config: ClerkClientConfig | undefined,
  variable: ReadVariable,
): ClerkClientConfig & { secretKey: string } {
  const settings: ClerkClientConfig = config ? { ...config } : fromEnvironment(variable);
  const secretKey = settings.secretKey ?? variable(CLIENT_VARIABLES.secretKey);
  if (!secretKey) {
    throw misconfigured(`The server has no Clerk secret key: ${CLIENT_VARIABLES.secretKey} is not set`, {
      action: `Set ${CLIENT_VARIABLES.secretKey}, or pass clientConfig: { secretKey } to cliAuth()`,
    });
  }
  if (settings.apiUrl !== undefined) {
    settings.apiUrl = trimTrailingSlashes(parseHttpsUrl(settings.apiUrl, CLIENT_VARIABLES.apiUrl).href);
  }
  return { ...settings, secretKey };
}

function fromEnvironment(variable: ReadVariable): ClerkClientConfig {
  const entries = Object.entries(CLIENT_VARIABLES).map(([option, name]) => [option, variable(name)]);
  return Object.fromEntries(entries.filter(([, value]) => value));
}
