import { freshFetch } from "../support/fresh_fetch.ts";
import { listenForCallback } from "./callback_server.ts";
import { type Login, type LoginOptions, metadataOf } from "./login.ts";

type Fetch = Awaited<ReturnType<typeof freshFetch>>;

/** The requests of a login with the least around them; the browser's to the page that it ends at are among them. */
export const bareLogin: Login = (options) => logIn(options, fetch);

/** The same, each request on a connection of its own. */
export const freshLogin: Login = async (options) => await logIn(options, await freshFetch());

async function logIn({ issuer, clientId, browse }: LoginOptions, fetch: Fetch): Promise<void> {
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
