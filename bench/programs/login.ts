/** Signs in with this package, with others and by hand. The browser is a `fetch`. */
import { PublicClientApplication } from "npm:@azure/msal-node@7.2.3";
import * as oauth from "npm:oauth4webapi@3.8.8";
import * as client from "npm:openid-client@6.9.0";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { bareLogin, carefulLogin, freshLogin, listenForCallback } from "./login_by_hand.ts";
import { browse, type Login, metadataOf, msalConfiguration } from "./support/issuer.ts";
import { answerTasks, readArguments, timeCalls } from "./support/tasks.ts";

export type LoginName = "own" | "bare" | "fresh" | "careful" | "oauth4webapi" | "openidClient" | "msal";

const CALLS = 5;
/** Compilers take longer to learn the code than one would think. */
const WARM_UP = 80;
const INSECURE = { [oauth.allowInsecureRequests]: true };

const ownLogin: Login = async ({ issuer, clientId }) => {
  const auth = new ClerkCliAuth({
    clientId,
    issuer,
    storage: "memory",
    scopes: ["email"],
    ui: "none",
    openBrowser: browse,
  });
  await auth.login();
};

/** oauth4webapi, as in its examples. */
const oauth4webapiLogin: Login = async ({ issuer, clientId }) => {
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

/** openid-client, as in its documentation. */
const openidClientLogin: Login = async ({ issuer, clientId }) => {
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

/** MSAL, as in its documentation: with its own listener, and an ID token instead of a userinfo request. */
const msalLogin: Login = async ({ issuer }) => {
  const application = new PublicClientApplication(msalConfiguration(issuer));
  const { account } = await application.acquireTokenInteractive({ scopes: ["email"], openBrowser: browse });
  if (account === null) throw new Error("MSAL does not say who signed in");
};

const LOGINS: Readonly<Record<LoginName, Login>> = {
  own: ownLogin,
  bare: bareLogin,
  fresh: freshLogin,
  careful: carefulLogin,
  oauth4webapi: oauth4webapiLogin,
  openidClient: openidClientLogin,
  msal: msalLogin,
};

const [issuer, names] = readArguments<[string, LoginName[]]>();
const logIn = (name: LoginName) => LOGINS[name]({ issuer, clientId: "bench" });
for (let round = 0; round < WARM_UP; round++) {
  // MSAL checks every 100 ms whether its listener is ready.
  for (const name of names) if (name !== "msal" || round % 20 === 0) await logIn(name);
}
await answerTasks((task) => {
  const name = task as LoginName;
  return timeCalls(() => logIn(name), name === "msal" ? 1 : CALLS);
});
