import type { TokenTypeHint } from "../core/token_endpoint.ts";
import type { FetchFunction } from "./config.ts";
import type { Transport } from "../core/http.ts";
import type { Identity, UserIdentity } from "../core/identity.ts";
import { clerkEndpoints, type Endpoints, parseHttpsUrl, parseIssuer } from "../core/issuer.ts";
import type { CallOptions } from "./issuer/requests.ts";
import { parseOrigins } from "./resolve_config.ts";

/** Options of every standalone request. */
export interface RequestOptions {
  /**
   * The deadline of the request including its body, in milliseconds.
   * @default 30000
   */
  timeoutMs?: number;
  /** Cancels the call. */
  signal?: AbortSignal;
  /** A replacement for the runtime's `fetch`. */
  fetch?: FetchFunction;
}

/** How to find the issuer's endpoints. */
export interface EndpointOptions {
  /** The issuer of the token. */
  issuer: string;
  /**
   * Where the endpoints are: at Clerk's paths, or where the issuer's metadata says (RFC 8414), fetched every
   * time.
   * @default "clerk"
   */
  endpoints?: "clerk" | "discover";
  /**
   * The origins, besides the issuer's, that endpoints in its metadata may be on.
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
  /** The backend's endpoint that returns the identity of a bearer token. */
  endpoint: string;
  /** An API key or an access token. */
  token: string;
}

/** The parameters of {@linkcode revokeToken}. */
export interface RevokeTokenOptions extends RequestOptions, EndpointOptions {
  /** The client ID that the token was issued to. */
  clientId: string;
  /** The refresh token or the access token. */
  token: string;
  /** Which of the two it is (RFC 7009, section 2.1). */
  tokenTypeHint?: TokenTypeHint;
}

/**
 * Asks the issuer's userinfo endpoint who owns an access token (OpenID Connect Core 1.0, section 5.3).
 *
 * @param options The issuer, the access token and how to send the request.
 * @returns The user.
 * @throws {ClerkCliAuthError} `config` if the issuer or its metadata is invalid; `userinfo` if the token is
 * rejected; `network` if the metadata cannot be fetched; `timeout`.
 *
 * @example
 * ```ts
 * import { fetchIdentity } from "@clerk/cli-auth";
 * import { createEmulator } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator(); // in place of Clerk
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
 * Asks a backend who owns an API key or an access token.
 *
 * @param options The backend's identity endpoint, the token and how to send the request.
 * @returns The identity that the backend returned.
 * @throws {ClerkCliAuthError} `config` if the endpoint is not an https URL; `verify_api_key` if the token is
 * rejected; `timeout`.
 *
 * @example
 * ```ts
 * import { isMachineIdentity, verifyToken } from "@clerk/cli-auth";
 *
 * const identity = await verifyToken({
 *   endpoint: "https://api.example.com/me",
 *   token: "ak_example",
 *   fetch: () => Promise.resolve(Response.json({ sub: "mch_2abc", name: "Builder" })), // in place of the backend
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
 * Revokes a token at the issuer (RFC 7009). Succeeds if the issuer does not know the token.
 *
 * @param options The issuer, the client, the token and how to send the request.
 * @returns Resolves when the token is revoked.
 * @throws {ClerkCliAuthError} `config` if the issuer or its metadata is invalid; `revoke` if the token was
 * not revoked; `network` if the metadata cannot be fetched; `timeout`.
 *
 * @example
 * ```ts
 * import { revokeToken } from "@clerk/cli-auth";
 * import { createEmulator } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator(); // in place of Clerk
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
