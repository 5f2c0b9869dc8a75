import * as client from "npm:openid-client@6.9.0";
import { listenForCallback } from "./callback_server.ts";
import { type Login, metadataOf } from "./login.ts";

/** openid-client, as its documentation has it. */
export const openidClientLogin: Login = async ({ issuer, clientId, browse }) => {
  const config = new client.Configuration(metadataOf(issuer), clientId, undefined, client.None());
  client.allowInsecureRequests(config);
  const { redirectUri, callback, close } = await listenForCallback();

  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const authorizationUrl = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "email",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
  });
  const browsed = browse(authorizationUrl.href);

  const checks = { pkceCodeVerifier, expectedState };
  const { access_token: token } = await client.authorizationCodeGrant(config, await callback, checks);
  await Promise.all([client.fetchUserInfo(config, token, client.skipSubjectCheck), browsed]);
  await close();
};
