import { randomBytes } from "node:crypto";
import { ClientAuthentication, CodeChallengeMethod, OAuth2Client } from "npm:google-auth-library@11.3.4";
import { listenForCallback } from "./callback_server.ts";
import { type Login, metadataOf } from "./login.ts";

/** google-auth-library, as its samples have it; it leaves `state` to the program. */
export const googleLogin: Login = async ({ issuer, clientId, browse }) => {
  const { authorization_endpoint, token_endpoint, userinfo_endpoint } = metadataOf(issuer);
  const { redirectUri, callback, close } = await listenForCallback();
  const client = new OAuth2Client({
    clientId,
    redirectUri,
    clientAuthentication: ClientAuthentication.None,
    endpoints: { oauth2AuthBaseUrl: authorization_endpoint, oauth2TokenUrl: token_endpoint },
  });

  const { codeVerifier, codeChallenge } = await client.generateCodeVerifierAsync();
  const state = randomBytes(32).toString("base64url");
  const authorizationUrl = client.generateAuthUrl({
    scope: "email",
    state,
    code_challenge_method: CodeChallengeMethod.S256,
    ...(codeChallenge !== undefined && { code_challenge: codeChallenge }),
  });
  const browsed = browse(authorizationUrl);

  const { searchParams } = await callback;
  if (searchParams.get("state") !== state) throw new Error("The state is not the one that was sent");
  const { tokens } = await client.getToken({ code: searchParams.get("code") ?? "", codeVerifier });
  client.setCredentials(tokens);
  await Promise.all([client.request({ url: userinfo_endpoint }), browsed]);
  await close();
};
