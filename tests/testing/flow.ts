import { createScriptedBrowser, type Emulator, type SignInOptions } from "@clerk/cli-auth/testing";
import { createPkcePair } from "../doors/core.ts";

/** The redirect URI that these tests use; it matches the registered `http://127.0.0.1/callback`. */
export const REDIRECT_URI = "http://127.0.0.1:9/callback";

/** A state that is long enough. */
export const STATE = "state-of-this-test";

/** The origin of an emulator that does not listen. */
export const ISSUER = "http://127.0.0.1:8787";

/** Unsigned access tokens, because making an RSA key takes longer than a test. */
export const OPAQUE = { accessTokenFormat: "opaque" } as const;

/** Sends a request. */
export type Fetch = (request: Request) => Promise<Response>;

/** The response to a form. */
export interface FormAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

type Parameters = Record<string, string | undefined>;

/** Sends a form and reads the JSON response. */
export async function postForm(
  fetch: Fetch,
  url: string,
  { form, headers = {} }: { form: Parameters; headers?: Record<string, string> },
): Promise<FormAnswer> {
  const body = new URLSearchParams(withoutUndefined(form));
  const response = await fetch(new Request(url, { method: "POST", body, headers }));
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

/** An authorization request of a public client, with the code verifier of its code challenge. */
export async function authorizationUrl(
  { issuer = ISSUER, ...parameters }: Parameters,
): Promise<{ url: string; codeVerifier: string }> {
  const { codeVerifier, codeChallenge } = await createPkcePair();
  const query = new URLSearchParams(withoutUndefined({
    response_type: "code",
    client_id: "emulator-cli",
    redirect_uri: REDIRECT_URI,
    scope: "profile email offline_access",
    state: STATE,
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...parameters,
  }));
  return { url: `${issuer}/oauth/authorize?${query}`, codeVerifier };
}

/** The parameters of a callback. */
export function readCallback(url: string): Record<string, string> {
  return Object.fromEntries(new URL(url).searchParams);
}

/** Signs in on an emulator that does not listen, as far as the code. */
export async function obtainCode(
  { fetch }: Emulator,
  { parameters = {}, browser = createScriptedBrowser({ fetch }), ...signIn }:
    & { parameters?: Parameters; browser?: ReturnType<typeof createScriptedBrowser> }
    & SignInOptions = {},
): Promise<{ code: string; codeVerifier: string }> {
  const { url, codeVerifier } = await authorizationUrl(parameters);
  const page = await browser.signIn(url, { ...signIn, visitCallback: false });
  return { code: readCallback(page.url).code ?? "", codeVerifier };
}

/** Asks the token endpoint to exchange a code; parameters that are `undefined` are omitted. */
export function exchangeCode(
  fetch: Fetch,
  { issuer = ISSUER, code, codeVerifier, ...parameters }: Parameters & {
    code: string;
    codeVerifier?: string;
  },
): Promise<FormAnswer> {
  return postForm(fetch, `${issuer}/oauth/token`, {
    form: {
      grant_type: "authorization_code",
      client_id: "emulator-cli",
      code,
      code_verifier: codeVerifier,
      redirect_uri: REDIRECT_URI,
      ...parameters,
    },
  });
}

/** Asks the token endpoint to refresh. */
export function refresh(
  fetch: Fetch,
  refreshToken: unknown,
  parameters: Parameters = {},
): Promise<FormAnswer> {
  const form = {
    grant_type: "refresh_token",
    client_id: "emulator-cli",
    refresh_token: String(refreshToken),
    ...parameters,
  };
  return postForm(fetch, `${ISSUER}/oauth/token`, { form });
}

/** Asks the userinfo endpoint. */
export async function userinfo(fetch: Fetch, accessToken: unknown): Promise<FormAnswer> {
  const headers = { Authorization: `Bearer ${accessToken}` };
  const response = await fetch(new Request(`${ISSUER}/oauth/userinfo`, { headers }));
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Signs in on an emulator that does not listen, and exchanges the code. */
export async function obtainTokens(
  emulator: Emulator,
  parameters: Parameters = {},
): Promise<Record<string, unknown>> {
  const { code, codeVerifier } = await obtainCode(emulator, { parameters });
  return (await exchangeCode(emulator.fetch, { code, codeVerifier })).body;
}

function withoutUndefined(parameters: Parameters): Record<string, string> {
  const entries = Object.entries(parameters).filter((entry): entry is [string, string] =>
    entry[1] !== undefined
  );
  return Object.fromEntries(entries);
}
