import type { TokenTypeHint } from "../core/token_endpoint.ts";
import type { FetchFunction } from "./config.ts";
import type { Transport } from "../core/http.ts";
import type { Identity, UserIdentity } from "../core/identity.ts";
import { clerkEndpoints, type Endpoints, parseHttpsUrl, parseIssuer } from "../core/issuer.ts";
import type { CallOptions } from "./issuer/requests.ts";
import { parseOrigins } from "./resolve_config.ts";

/** What every call that stands on its own can be given. */
export interface RequestOptions {
  /**
   * The deadline over the whole request, its body included, in milliseconds.
   * @default 30000
   */
  timeoutMs?: number;
  /** Gives the call up. */
  signal?: AbortSignal;
  /** The `fetch` to send the request with, in place of the runtime's own. */
  fetch?: FetchFunction;
}

/** How the issuer's endpoints are found. */
export interface EndpointOptions {
  /** The issuer that issued the token. */
  issuer: string;
  /**
   * Where its endpoints are: at Clerk's paths, or where its metadata says (RFC 8414), which is asked for each time.
   * @default "clerk"
   */
  endpoints?: "clerk" | "discover";
  /**
   * The origins, besides the issuer's own, that endpoints from its metadata may be on.
   * @default []
   */
  endpointOrigins?: readonly string[];
}

/** The parameters of {@linkcode fetchIdentity}. */
export interface FetchIdentityOptions extends RequestOptions, EndpointOptions {
  /** The access token. */
  accessToken: string;
}

/** The parameters of {@linkcode verifyToken}. */
export interface VerifyTokenOptions extends RequestOptions {
  /** The backend's endpoint that answers a bearer token with an identity. */
  endpoint: string;
  /** An API key or an access token. */
  token: string;
}

/** The parameters of {@linkcode revokeToken}. */
export interface RevokeTokenOptions extends RequestOptions, EndpointOptions {
  /** The client id that it was issued to. */
  clientId: string;
  /** The refresh token or the access token. */
  token: string;
  /** Which of the two it is (RFC 7009, section 2.1). */
  tokenTypeHint?: TokenTypeHint;
}

/**
 * Asks the issuer's userinfo endpoint who an access token belongs to (OpenID Connect Core 1.0, section 5.3).
 *
 * @param options The issuer, the access token, and how the request is carried out.
 * @returns The user.
 * @throws {ClerkCliAuthError} `config` if the issuer or its metadata is invalid; `userinfo` when the
 * token is refused; `network` when the metadata could not be asked for; `timeout`.
 *
 * @example
 * ```ts
 * import { fetchIdentity } from "@clerk/cli-auth";
 * import { createEmulator } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator(); // stands for Clerk
 * const { issuer, close } = await emulator.listen();
 * const { accessToken } = await emulator.issueTokens();
 * const user = await fetchIdentity({ issuer, accessToken });
 * console.log(user.email); // ada@example.com
 * await close();
 * ```
 */
export async function fetchIdentity(
  { accessToken, ...options }: FetchIdentityOptions,
): Promise<UserIdentity> {
  const call = await callOptions(options);
  const { userinfo } = await findEndpoints(options, call);
  const { askIdentity, userinfoQuestion } = await import("./issuer/requests.ts");
  return await askIdentity(userinfoQuestion(userinfo, accessToken), call) as UserIdentity;
}

/**
 * Asks a backend who an API key or an access token belongs to.
 *
 * @param options The backend's identity endpoint, the token, and how the request is carried out.
 * @returns The identity that the backend answers with.
 * @throws {ClerkCliAuthError} `config` for an endpoint that is no https URL; `verify_api_key` when the token is
 * refused; `timeout`.
 *
 * @example
 * ```ts
 * import { isMachineIdentity, verifyToken } from "@clerk/cli-auth";
 *
 * const identity = await verifyToken({
 *   endpoint: "https://api.example.com/me",
 *   token: "ak_example",
 *   fetch: () => Promise.resolve(Response.json({ sub: "mch_2abc", name: "Builder" })), // stands for the backend
 * });
 * console.log(isMachineIdentity(identity), identity.sub); // true mch_2abc
 * ```
 */
export async function verifyToken({ endpoint, token, ...options }: VerifyTokenOptions): Promise<Identity> {
  const { href } = parseHttpsUrl(endpoint, "endpoint");
  const { askIdentity, backendQuestion } = await import("./issuer/requests.ts");
  return await askIdentity(backendQuestion(href, token), await callOptions(options));
}

/**
 * Revokes a token at the issuer (RFC 7009). Revoking a token that the issuer does not know succeeds.
 *
 * @param options The issuer, the client, the token, and how the request is carried out.
 * @returns When the issuer has revoked it.
 * @throws {ClerkCliAuthError} `config` if the issuer or its metadata is invalid; `revoke` when it was
 * not revoked; `network` when the metadata could not be asked for; `timeout`.
 *
 * @example
 * ```ts
 * import { revokeToken } from "@clerk/cli-auth";
 * import { createEmulator } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator(); // stands for Clerk
 * const { issuer, close } = await emulator.listen();
 * const { refreshToken = "" } = await emulator.issueTokens();
 * await revokeToken({
 *   issuer,
 *   clientId: emulator.application.clientId,
 *   token: refreshToken,
 *   tokenTypeHint: "refresh_token",
 * });
 * await close();
 * ```
 */
export async function revokeToken(
  { clientId, token, tokenTypeHint, ...options }: RevokeTokenOptions,
): Promise<void> {
  const call = await callOptions(options);
  const { revocation } = await findEndpoints(options, call);
  const { revoke } = await import("./issuer/requests.ts");
  await revoke(revocation, { clientId, token, tokenTypeHint }, call);
}

async function findEndpoints(
  { issuer: address, endpoints = "clerk", endpointOrigins = [] }: EndpointOptions,
  call: CallOptions,
): Promise<Endpoints> {
  const issuer = parseIssuer(address);
  if (endpoints === "clerk") return clerkEndpoints(issuer);
  const { fetchMetadata } = await import("./issuer/requests.ts");
  const origins = parseOrigins(endpointOrigins, "endpointOrigins");
  return (await fetchMetadata({ issuer, endpointOrigins: origins }, call)).metadata.endpoints;
}

async function callOptions({ timeoutMs = 30_000, signal, fetch }: RequestOptions): Promise<CallOptions> {
  return { transport: await openTransport(fetch), timeoutMs, signal };
}

async function openTransport(fetch: RequestOptions["fetch"]): Promise<Transport> {
  if (fetch) return (await import("../core/http.ts")).fetchTransport(fetch);
  return (await (await import("../runtime/load.ts")).loadRuntime()).transport;
}
