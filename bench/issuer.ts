import { fileURLToPath } from "node:url";
import { generate } from "npm:selfsigned@5.5.0";

/** A minimal issuer. */
export interface Issuer {
  url: string;
  /** Requests so far. */
  requests(): number;
  close(): Promise<void>;
}

/** Options of {@linkcode startIssuer}. */
export interface IssuerOptions {
  /** How long a response takes. @default 0 */
  delayMs?: number;
  /** Serves over https with these. */
  tls?: { key: string; cert: string };
}

/** The certificate of a server on 127.0.0.1, and the file of the authority that signed it. */
export interface Certificate {
  key: string;
  cert: string;
  authorityFile: string;
}

type Answer = (parameters: URLSearchParams, issuer: string) => Response;

const CLIENT_ID = "bench";
const USER = { object: "oauth_user_info", sub: "user_bench", email: "ada@example.com" };

const ANSWERS: Readonly<Record<string, Answer>> = {
  "/oauth/authorize": (parameters) => {
    const redirectUri = parameters.get("redirect_uri") ?? "";
    const response = { code: "code", state: parameters.get("state") ?? "" };
    return parameters.get("response_mode") === "form_post"
      ? formThatPosts(redirectUri, response)
      : redirectWith(redirectUri, response);
  },
  "/oauth/token": (parameters, issuer) => {
    const isRefresh = parameters.get("grant_type") === "refresh_token";
    const scope = parameters.get("scope") ?? (isRefresh ? "profile email openid offline_access" : "email");
    const scopes = scope.split(" ");
    return Response.json({
      access_token: `oat_${crypto.randomUUID().padEnd(44, "0")}`,
      token_type: "bearer",
      expires_in: 86_400,
      scope,
      ...(scopes.includes("offline_access") &&
        { refresh_token: `refresh_${crypto.randomUUID().padEnd(40, "0")}` }),
      ...(scopes.includes("openid") && !isRefresh && { id_token: unsignedIdToken(issuer) }),
    });
  },
  "/oauth/userinfo": () => Response.json(USER),
};

/** Starts an issuer that redirects every request straight back with a code, as if the user were already signed in. */
export async function startIssuer({ delayMs = 0, tls }: IssuerOptions = {}): Promise<Issuer> {
  let requests = 0;
  const { promise: listening, resolve: onListen } = Promise.withResolvers<{ port: number }>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen, ...tls }, async (request) => {
    requests++;
    const { pathname, searchParams, origin } = new URL(request.url);
    const parameters = request.method === "POST" ? new URLSearchParams(await request.text()) : searchParams;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    return ANSWERS[pathname]?.(parameters, origin) ?? new Response(null, { status: 404 });
  });
  const { port } = await listening;
  const url = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
  return { url, requests: () => requests, close: () => server.shutdown() };
}

/** Makes a certificate, and writes that of its own authority into a directory. */
export async function makeCertificate(folder: URL): Promise<Certificate> {
  const authority = await generate([{ name: "commonName", value: "Authority of the benchmarks" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "basicConstraints", cA: true }, { name: "keyUsage", keyCertSign: true }],
  });
  const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    algorithm: "sha256",
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  const file = new URL("authority.pem", folder);
  await Deno.writeTextFile(file, authority.cert);
  return { key, cert, authorityFile: fileURLToPath(file) };
}

function redirectWith(redirectUri: string, response: Record<string, string>): Response {
  const callback = new URL(redirectUri);
  for (const [name, value] of Object.entries(response)) callback.searchParams.set(name, value);
  return Response.redirect(callback, 302);
}

/** The page of the OAuth 2.0 Form Post Response Mode. In a browser, a script posts it. */
function formThatPosts(action: string, response: Record<string, string>): Response {
  const fields = Object.entries(response).map(([name, value]) => `<input name="${name}" value="${value}">`);
  const page = `<form method="post" action="${action}">${fields.join("")}</form>`;
  return new Response(page, { headers: { "content-type": "text/html" } });
}

/** A client that gets it straight from the token endpoint need not verify its signature. */
function unsignedIdToken(issuer: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    aud: CLIENT_ID,
    sub: USER.sub,
    iat: now,
    exp: now + 3_600,
    email: USER.email,
  };
  return [{ alg: "RS256", typ: "JWT" }, claims, "signature"].map(base64Url).join(".");
}

function base64Url(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
