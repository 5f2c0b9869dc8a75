import type { InstanceFile } from "../../instance.ts";

/** Verifies a token; rejects if it is invalid. */
export type Verify = (token: string) => Promise<unknown>;

/** Makes a verifier, and loads what it needs. */
export type MakeVerify = (instance: InstanceFile) => Promise<Verify>;

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const PUBLISHABLE_KEY = `pk_test_${btoa("clerk.example.com$")}`;

/** This package with its defaults; the key is given, or fetched from Clerk. */
export function ownVerifier(options: { fetchesKeys?: boolean; ttlMs?: number } = {}): MakeVerify {
  return async ({ secretKey, apiUrl, jwtKey }) => {
    const { cliAuth } = await import("@clerk/cli-auth/server");
    const { verifyToken } = cliAuth({
      clientConfig: {
        secretKey,
        apiUrl,
        telemetry: { disabled: true },
        ...(!options.fetchesKeys && { jwtKey }),
      },
      ...(options.ttlMs !== undefined && { cache: { ttlMs: options.ttlMs } }),
    });
    return (token) => verifyToken(token);
  };
}

/** `authenticateRequest` of `@clerk/backend`, as in its documentation. */
export const backendVerifier: MakeVerify = async ({ secretKey, apiUrl, jwtKey }) => {
  const { createClerkClient } = await import("@clerk/backend");
  const clerk = createClerkClient({
    secretKey,
    apiUrl,
    publishableKey: PUBLISHABLE_KEY,
    telemetry: { disabled: true },
  });
  return async (token) => {
    const request = new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });
    const acceptsToken = token.startsWith("ak_") ? "api_key" : "oauth_token";
    const state = await clerk.authenticateRequest(request, { acceptsToken, jwtKey });
    if (!state.isAuthenticated) throw new Error(`Rejected: ${state.reason}`);
    return state.toAuth();
  };
};

/** jose, with the key given. */
export const joseVerifier: MakeVerify = async ({ jwtKey }) => {
  const { importSPKI, jwtVerify } = await import("npm:jose@6.2.18");
  const key = await importSPKI(jwtKey, "RS256");
  return (token) => jwtVerify(token, key, { algorithms: ["RS256"], typ: "at+jwt" });
};

/** oauth4webapi, which fetches the keys once. */
export const oauth4webapiVerifier: MakeVerify = async ({ apiUrl, audience }) => {
  const { allowInsecureRequests, validateJwtAccessToken } = await import("npm:oauth4webapi@3.8.8");
  const issuer = { issuer: apiUrl, jwks_uri: `${apiUrl}/.well-known/jwks.json` };
  return async (token) => {
    const request = new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });
    return await validateJwtAccessToken(issuer, request, audience, { [allowInsecureRequests]: true });
  };
};

/** Remembers every token, and checks nothing. */
export const mapVerifier: MakeVerify = () => {
  const seen = new Map<string, unknown>();
  return Promise.resolve((token) => {
    let known = seen.get(token);
    if (known === undefined) seen.set(token, known = { token });
    return Promise.resolve(known);
  });
};

/** The signature alone. */
export const subtleVerifier: MakeVerify = async ({ jwtKey }) => {
  const bytes = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const der = bytes(jwtKey.replaceAll(/-----[^-]*-----|\s/g, ""));
  const key = await crypto.subtle.importKey("spki", der, ALGORITHM, false, ["verify"]);
  const encoder = new TextEncoder();
  return async (token) => {
    const end = token.lastIndexOf(".");
    const signature = bytes(token.slice(end + 1).replaceAll("-", "+").replaceAll("_", "/"));
    const isValid = await crypto.subtle.verify(
      ALGORITHM.name,
      key,
      signature,
      encoder.encode(token.slice(0, end)),
    );
    if (!isValid) throw new Error("The signature is not valid");
  };
};

/** One request to the Backend API endpoint that verifies an API key. */
export const requestVerifier: MakeVerify = ({ secretKey, apiUrl }) => {
  const headers = { authorization: `Bearer ${secretKey}`, "content-type": "application/json" };
  return Promise.resolve(async (secret) => {
    const body = JSON.stringify({ secret });
    const answer = await fetch(`${apiUrl}/v1/api_keys/verify`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`Clerk answered ${answer.status}`);
    return await answer.json();
  });
};
