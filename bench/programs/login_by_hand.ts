import { serveBare } from "./support/bare_server.ts";
import { browse, type Login, type LoginOptions, metadataOf } from "./support/issuer.ts";
import { freshFetch } from "./support/fresh_fetch.ts";

/** Listens for the redirect at the end of a sign-in. */
export interface CallbackServer {
  redirectUri: string;
  /** The URL that the browser requested. */
  callback: Promise<URL>;
  close(): Promise<void>;
}

type Fetch = Awaited<ReturnType<typeof freshFetch>>;

/** The listener and the requests of a login, the browser's included, with as little as possible around them. */
export const bareLogin: Login = (options) => logIn(options, fetch);

/** The same, with a new connection for each request. */
export const freshLogin: Login = async (options) => await logIn(options, await freshFetch());

async function logIn({ issuer, clientId }: LoginOptions, fetch: Fetch): Promise<void> {
  const { authorization_endpoint, token_endpoint, userinfo_endpoint } = metadataOf(issuer);
  const { redirectUri, callback, close } = await listenForCallback();
  const query = new URLSearchParams({ client_id: clientId, redirect_uri: redirectUri, state: "x" });
  const browsed = browse(`${authorization_endpoint}?${query}`);
  const { searchParams } = await callback;
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code: searchParams.get("code") ?? "",
  });
  const tokens = await fetch(token_endpoint, { method: "POST", body });
  const { access_token: token } = await tokens.json();
  const userinfo = await fetch(userinfo_endpoint, { headers: { authorization: `Bearer ${token}` } });
  await Promise.all([userinfo.json(), browsed]);
  await close();
}

/** Listens with as little as possible, and redirects the browser to a page without the code in its URL. */
export async function listenForCallback(): Promise<CallbackServer> {
  let arrive = (_url: URL) => {};
  const callback = new Promise<URL>((resolve) => arrive = resolve);
  const server = await serveBare((request) => {
    const url = new URL(request.url);
    if (url.pathname === "/done") return new Response("Signed in");
    arrive(url);
    return new Response(null, { status: 303, headers: { location: "/done" } });
  });
  return { redirectUri: `http://127.0.0.1:${server.port}/callback`, callback, close: () => server.close() };
}

/** About as long as this package's. */
const STYLE = "p { margin: 0 }\n".repeat(100);

/** By hand, with this package's care: the cost of what cannot be left out. */
export const carefulLogin: Login = async ({ issuer, clientId }) => {
  const { authorization_endpoint, token_endpoint, userinfo_endpoint } = metadataOf(issuer);
  const fetch = await freshFetch();
  const [state, codeVerifier, path] = [randomText(), randomText(), `/done/${randomText()}`];
  const digests = Promise.all([digest(codeVerifier), digest(STYLE)]);
  const { callback, tokensAreThere, userIs, ...server } = await listen({ state, path, digests });
  const redirectUri = `http://127.0.0.1:${server.port}/callback`;
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: base64Url((await digests)[0]),
    code_challenge_method: "S256",
  });
  const browsed = browse(`${authorization_endpoint}?${query}`);
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: clientId,
    code: await callback,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  });
  const { access_token: token } = await (await fetch(token_endpoint, { method: "POST", body })).json();
  tokensAreThere();
  const userinfo = await fetch(userinfo_endpoint, { headers: { authorization: `Bearer ${token}` } });
  userIs((await userinfo.json()).email);
  await browsed;
  await server.close();
};

interface ListenOptions {
  state: string;
  path: string;
  digests: Promise<[codeVerifier: string, style: string]>;
}

async function listen({ state, path, digests }: ListenOptions) {
  const code = deferred<string>();
  const tokens = deferred<void>();
  const user = deferred<string>();
  const respond = async (status: number, body: string | null, headers: Record<string, string>) =>
    new Response(body, {
      status,
      headers: {
        ...headers,
        "cache-control": "no-store",
        "content-security-policy": `default-src 'none'; style-src 'sha256-${(await digests)[1]}'`,
        "referrer-policy": "no-referrer",
      },
    });
  const server = await serveBare(async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === path) {
      const page = `<!doctype html><style>${STYLE}</style><p>${await user.promise}</p>`;
      return await respond(200, page, { "content-type": "text/html; charset=utf-8" });
    }
    if (searchParams.get("state") !== state) return await respond(400, null, {});
    code.resolve(searchParams.get("code") ?? "");
    await tokens.promise;
    return await respond(303, null, { location: path });
  });
  const { port, close } = server;
  return { port, close, callback: code.promise, tokensAreThere: tokens.resolve, userIs: user.resolve };
}

function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve = (_value: T) => {};
  return { promise: new Promise<T>((settle) => resolve = settle), resolve: (value) => resolve(value) };
}

function randomText(): string {
  return base64Url(base64(crypto.getRandomValues(new Uint8Array(32))));
}

/** Returns a text's SHA-256 digest in base64. */
async function digest(text: string): Promise<string> {
  return base64(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function base64Url(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
