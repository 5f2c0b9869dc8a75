import * as oauth from "npm:oauth4webapi@3.8.8";
import { listenForCallback } from "./callback_server.ts";
import { type Login, metadataOf } from "./login.ts";

const INSECURE = { [oauth.allowInsecureRequests]: true };

/** oauth4webapi, as its examples have it. */
export const oauth4webapiLogin: Login = async ({ issuer, clientId, browse }) => {
  const as: oauth.AuthorizationServer = metadataOf(issuer);
  const client: oauth.Client = { client_id: clientId };
  const { redirectUri, callback, close } = await listenForCallback();

  const codeVerifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const authorizationUrl = new URL(as.authorization_endpoint!);
  authorizationUrl.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "email",
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
    state,
  }).toString();
  const browsed = browse(authorizationUrl.href);

  const parameters = oauth.validateAuthResponse(as, client, await callback, state);
  const answer = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    codeVerifier,
    INSECURE,
  );
  const { access_token: token } = await oauth.processAuthorizationCodeResponse(as, client, answer);
  const userinfo = await oauth.userInfoRequest(as, client, token, INSECURE);
  await Promise.all([
    oauth.processUserInfoResponse(as, client, oauth.skipSubjectCheck, userinfo),
    browsed,
  ]);
  await close();
};
