import type { TokenIssuer } from "./issuer.ts";

const CLIENT_ID = "bench";
const USER = { object: "oauth_user_info", sub: "user_bench", email: "ada@example.com" };

type Answer = (parameters: URLSearchParams, issuer: string) => Response;

const ANSWERS: Readonly<Record<string, Answer>> = {
  "/oauth/authorize": (parameters) => {
    const redirectUri = parameters.get("redirect_uri") ?? "";
    const response = { code: "code", state: parameters.get("state") ?? "" };
    return parameters.get("response_mode") === "form_post"
      ? formThatPosts(redirectUri, response)
      : redirectWith(redirectUri, response);
  },
  "/oauth/token": (parameters, issuer) => {
    const scope = parameters.get("scope") ?? "email";
    const scopes = scope.split(" ");
    return Response.json({
      access_token: "oat_bench",
      token_type: "bearer",
      expires_in: 86_400,
      scope,
      ...(scopes.includes("offline_access") && { refresh_token: "refresh_bench" }),
      ...(scopes.includes("openid") && { id_token: unsignedIdToken(issuer) }),
    });
  },
  "/oauth/userinfo": () => Response.json(USER),
};

/** Starts an issuer that sends whoever asks straight back with a code, as if a person had signed in before. */
export async function startLoginIssuer(): Promise<TokenIssuer> {
  let calls = 0;
  const { promise: listening, resolve: onListen } = Promise.withResolvers<{ port: number }>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, async (request) => {
    calls++;
    const { pathname, searchParams, origin } = new URL(request.url);
    const parameters = request.method === "POST" ? new URLSearchParams(await request.text()) : searchParams;
    return ANSWERS[pathname]?.(parameters, origin) ?? new Response(null, { status: 404 });
  });
  const { port } = await listening;
  return { url: `http://127.0.0.1:${port}`, calls: () => calls, close: () => server.shutdown() };
}

function redirectWith(redirectUri: string, response: Record<string, string>): Response {
  const callback = new URL(redirectUri);
  for (const [name, value] of Object.entries(response)) callback.searchParams.set(name, value);
  return Response.redirect(callback, 302);
}

/** The page of the OAuth 2.0 Form Post Response Mode; what posts it in a browser is a script. */
function formThatPosts(action: string, response: Record<string, string>): Response {
  const fields = Object.entries(response).map(([name, value]) => `<input name="${name}" value="${value}">`);
  const page = `<form method="post" action="${action}">${fields.join("")}</form>`;
  return new Response(page, { headers: { "content-type": "text/html" } });
}

/** Nobody who gets it straight from the token endpoint looks at the signature. */
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
  return [{ alg: "RS256", typ: "JWT" }, claims, "signature"].map(base64url).join(".");
}

function base64url(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
