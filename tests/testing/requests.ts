import { createPkcePair } from "../../src/core/pkce.ts";

/** The redirect URI that these tests register and use. */
export const REDIRECT_URI = "http://127.0.0.1:9/callback";

/** A state that is long enough. */
export const STATE = "state-of-this-test";

/** Sends a form and reads the JSON that answers it. */
export type PostForm = (
  url: string,
  form: Record<string, string>,
  headers?: Record<string, string>,
) => Promise<FormAnswer>;

/** The answer to a form. */
export interface FormAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Makes a function that sends forms. */
export function formPoster(fetch: (request: Request) => Promise<Response>): PostForm {
  return async (url, form, headers = {}) => {
    const body = new URLSearchParams(form);
    const response = await fetch(new Request(url, { method: "POST", body, headers }));
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
  };
}

/** Sends a form over the network. */
export const postForm: PostForm = formPoster((request) => fetch(request));

/** An authorization request and the code verifier of its code challenge. */
export async function authorizationUrl(
  { issuer, clientId, scope = "openid profile email", ...more }: {
    issuer: string;
    clientId: string;
    scope?: string;
    [parameter: string]: string | undefined;
  },
): Promise<{ url: string; codeVerifier: string }> {
  const { codeVerifier, codeChallenge } = await createPkcePair();
  const parameters: Record<string, string | undefined> = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope,
    state: STATE,
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...more,
  };
  const url = new URL("/oauth/authorize", issuer);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return { url: url.href, codeVerifier };
}

/** Exchanges an authorization code as a public client. */
export function exchangeCode(
  post: PostForm,
  { issuer, clientId, code, codeVerifier, ...more }: {
    issuer: string;
    clientId: string;
    code: string;
    codeVerifier: string;
    [parameter: string]: string;
  },
): Promise<FormAnswer> {
  return post(`${issuer}/oauth/token`, {
    grant_type: "authorization_code",
    client_id: clientId,
    code,
    code_verifier: codeVerifier,
    redirect_uri: REDIRECT_URI,
    ...more,
  });
}

/** The parameters of a callback. */
export function readCallback(url: string): Record<string, string> & { code: string } {
  return { code: "", ...Object.fromEntries(new URL(url).searchParams) };
}
