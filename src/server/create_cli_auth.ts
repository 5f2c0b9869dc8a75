import { parseIssuer } from "../core/issuer.ts";
import { assertTokenText, bearerToken } from "./bearer.ts";
import type { CliAuth, CliAuthOptions, VerifyOptions } from "./cli_auth_types.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import { classify } from "./credential.ts";
import { misconfigured } from "./failures.ts";
import { lazy } from "./lazy.ts";
import { loadClient } from "./load_client.ts";
import type { ReadVariable } from "./platform/env.ts";
import { assertPolicy, type Policy } from "./policy.ts";
import { resolveIdentity } from "./resolve_identity.ts";
import { assertScopes } from "./scopes.ts";
import { clientSettings } from "./settings.ts";
import { shared } from "./shared.ts";
import type { TokenInfo } from "./token_info.ts";
import { acceptedTypes, assertAccepted, type TokenType } from "./token_type.ts";
import { Verifier } from "./verifier.ts";

/** Creates a verifier that reads its configuration, where none is given, by `variable`. */
export function createCliAuth<C extends ClerkClientLike>(
  options: CliAuthOptions<C>,
  variable: ReadVariable,
): CliAuth<C> {
  const { client, clientConfig, requestTimeoutMs = 10_000, lookup = false } = options;
  const given = policyOf(options);
  // The environment is read late: a program may load a .env file after it has created this.
  const policy = lazy<Policy>(() => ({ ...given, clientIds: given.clientIds ?? clientIdsOf(variable) }));
  const settings = lazy(() => clientSettings(clientConfig, variable));

  const getClerk = shared(async () => {
    const own = typeof client === "function" ? await client() : client;
    // Without a client of the caller's own, `C` is the default or what the caller says it is.
    const clerk = own ?? await loadClient(settings()) as C;
    if (typeof clerk.authenticateRequest === "function") return clerk;
    throw misconfigured("'client' must be a Clerk client: it has no authenticateRequest()");
  });

  const verifier = new Verifier({
    getClerk,
    jwtKey: () => client ? clientConfig?.jwtKey : settings().jwtKey,
    audience: given.audience,
    timeoutMs: requestTimeoutMs,
    now: Date.now,
  });

  async function verifyToken(token: string, options: VerifyOptions = {}): Promise<TokenInfo> {
    const { accepts = "any", scopes = [] } = options;
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
    resolveAuthInfo: ({ tokenInfo }) =>
      resolveIdentity(tokenInfo, { lookup, getClerk, timeoutMs: requestTimeoutMs }),
  };
}

function policyOf({ clientIds, issuer, audience }: CliAuthOptions): Policy {
  if (clientIds?.length === 0) {
    throw misconfigured("'clientIds' must not be empty: leave it out to take every application");
  }
  return {
    clientIds,
    issuer: issuer === undefined ? undefined : parseIssuer(issuer),
    audience: typeof audience === "string" ? [audience] : audience,
  };
}

function clientIdsOf(variable: ReadVariable): string[] | undefined {
  return variable("CLERK_OAUTH_CLIENT_ID")?.split(",").map((id) => id.trim());
}
