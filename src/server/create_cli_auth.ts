import { MAX_TIMER_MS } from "../core/time.ts";
import type { ClerkClientLike } from "./clerk/client.ts";
import type { ReadVariable } from "./env.ts";
import { misconfigured } from "./failures.ts";
import { shared } from "./limits/single_flight.ts";
import { CLIENT_IDS_VARIABLE, clientSettings, loadClient } from "./settings.ts";
import {
  acceptedTypes,
  assertAccepted,
  assertTokenText,
  bearerToken,
  classify,
  type TokenType,
} from "./token/credential.ts";
import { ProfileLookup, resolveIdentity } from "./token/identity.ts";
import { assertPolicy, assertScopes, clientIdsIn, type Policy, policyOf } from "./token/policy.ts";
import type { TokenInfo } from "./token/token_info.ts";
import type { Awaitable, CliAuth, CliAuthOptions, VerifyOptions } from "./types.ts";
import { createVerifier } from "./verify/verifier.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

/** What a verifier takes from where it runs. */
export interface Surroundings {
  /** Reads what is not given as an option. */
  variable: ReadVariable;
  /**
   * The clock, Unix time in milliseconds.
   * @default Date.now
   */
  now?: () => number;
}

/** Creates a verifier in the given surroundings. */
export function createCliAuth<C extends ClerkClientLike>(
  options: CliAuthOptions<C>,
  { variable, now = Date.now }: Surroundings,
): CliAuth<C> {
  const { client, clientConfig, cache, requestTimeoutMs: timeoutMs = DEFAULT_TIMEOUT_MS, lookup = false } =
    options;
  assertDuration(timeoutMs, "requestTimeoutMs");
  assertCache(options);
  const stated = policyOf(options);
  // The environment is read late: a program may load its .env file after it has created this.
  const policy = lazy<Policy>(() => ({
    ...stated,
    clientIds: stated.clientIds ?? clientIdsIn(variable(CLIENT_IDS_VARIABLE)),
  }));
  const settings = lazy(() => clientSettings(clientConfig, variable));
  // Cut out of what is reported. A client of the caller's may have been created with any key.
  const secrets = () => [client === undefined ? settings().secretKey : clientConfig?.secretKey ?? ""];

  const getClerk = shared(async () => {
    // Without a client of the caller's own, `C` is the default or what the caller says it is.
    const clerk = client === undefined ? await loadClient(settings()) as C : await given(client);
    if (typeof clerk?.authenticateRequest === "function") return clerk;
    throw misconfigured("'client' must be a Clerk client: it has no authenticateRequest()");
  }, { maxAgeMs: timeoutMs, now });

  const verifier = createVerifier({
    getClerk,
    isOwnClient: client === undefined,
    jwtKey: () => client ? clientConfig?.jwtKey : settings().jwtKey,
    secretKey: () => settings().secretKey,
    audience: stated.audience,
    secrets,
    cache,
    timeoutMs,
    now,
  });

  const profiles = lookup
    ? new ProfileLookup({ getClerk, secrets, timeoutMs, ttlMs: cache?.ttlMs ?? 0, now })
    : undefined;

  async function verifyToken(token: string, verifyOptions: VerifyOptions = {}): Promise<TokenInfo> {
    const { accepts = "any", scopes = [] } = verifyOptions;
    const types = acceptedTypes(accepts);
    const remembered = verifier.recall(token);
    if (remembered) return checked(remembered, types, scopes);
    assertTokenText(token);
    const credential = classify(token);
    assertAccepted(credential.type, types);
    return checked(await verifier.verify(credential), types, scopes);
  }

  async function verifyTokenFromRequest(request: Request, verifyOptions?: VerifyOptions): Promise<TokenInfo> {
    return await verifyToken(bearerToken(request), verifyOptions);
  }

  function checked(info: TokenInfo, types: readonly TokenType[], scopes: readonly string[]): TokenInfo {
    assertAccepted(info.type, types);
    assertPolicy(info, policy());
    assertScopes(info.scopes, scopes);
    // A copy: what a caller does to it must not reach those who bring the same token later.
    return { ...info, scopes: [...info.scopes] };
  }

  return {
    getClerk,
    verifyToken,
    verifyTokenFromRequest,
    resolveAuthInfo: ({ tokenInfo }) => resolveIdentity(tokenInfo, profiles),
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
  assertDuration(cache.ttlMs, "cache.ttlMs");
  if (!cache.store || client === undefined || clientConfig?.secretKey) return;
  // The environment's may be that of another instance, which would then share what is remembered.
  throw misconfigured(
    "'cache.store' needs the secret key of 'client': pass clientConfig: { secretKey } beside it",
  );
}

/**
 * Checks an option that is a duration.
 *
 * @throws {ClerkCliAuthError} `config` when it is not a positive number of milliseconds, or more than a timer takes.
 */
export function assertDuration(value: unknown, name: string): void {
  if (typeof value === "number" && value > 0 && value <= MAX_TIMER_MS) return;
  throw misconfigured(
    `'${name}' must be a positive number of milliseconds, at most ${MAX_TIMER_MS}: got ${String(value)}`,
  );
}

/** A function whose result is made on its first call, and kept. */
export function lazy<T extends object>(create: () => T): () => T {
  let made: T | undefined;
  return () => made ??= create();
}
