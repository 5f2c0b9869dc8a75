import type { TokenIssuer } from "./issuer.ts";

const TOKENS = { access_token: "oat_bench", token_type: "bearer", expires_in: 86_400, scope: "email" };
const USER = { object: "oauth_user_info", sub: "user_bench", email: "ada@example.com" };

const ANSWERS: Readonly<Record<string, (url: URL) => Response>> = {
  "/oauth/authorize": ({ searchParams }) => {
    const callback = new URL(searchParams.get("redirect_uri") ?? "");
    callback.searchParams.set("code", "code");
    callback.searchParams.set("state", searchParams.get("state") ?? "");
    return Response.redirect(callback, 302);
  },
  "/oauth/token": () => Response.json(TOKENS),
  "/oauth/userinfo": () => Response.json(USER),
};

/** Starts an issuer that sends whoever asks straight back with a code, as if a person had signed in before. */
export async function startLoginIssuer(): Promise<TokenIssuer> {
  let calls = 0;
  const { promise: listening, resolve: onListen } = Promise.withResolvers<{ port: number }>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, (request) => {
    calls++;
    const url = new URL(request.url);
    return ANSWERS[url.pathname]?.(url) ?? new Response(null, { status: 404 });
  });
  const { port } = await listening;
  return { url: `http://127.0.0.1:${port}`, calls: () => calls, close: () => server.shutdown() };
}
