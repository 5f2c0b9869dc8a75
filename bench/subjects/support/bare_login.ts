import { serveBare } from "./bare_server.ts";

/** The requests of a login with the least around them; the browser's to the page that it ends at are among them. */
export async function bareLogin(issuer: string, browse: (url: string) => Promise<void>): Promise<void> {
  let settle = (_code: string) => {};
  const code = new Promise<string>((resolve) => settle = resolve);
  const server = await serveBare(({ url }) => {
    const { pathname, searchParams } = new URL(url);
    if (pathname === "/done") return new Response("Signed in");
    settle(searchParams.get("code") ?? "");
    return new Response(null, { status: 303, headers: { location: "/done" } });
  });
  const query = new URLSearchParams({ redirect_uri: `http://127.0.0.1:${server.port}/callback`, state: "x" });
  const browsed = browse(`${issuer}/oauth/authorize?${query}`);
  const body = new URLSearchParams({ grant_type: "authorization_code", code: await code });
  const tokens = await fetch(`${issuer}/oauth/token`, { method: "POST", body });
  const { access_token: token } = await tokens.json();
  const userinfo = await fetch(`${issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` } });
  await Promise.all([userinfo.json(), browsed]);
  await server.close();
}
