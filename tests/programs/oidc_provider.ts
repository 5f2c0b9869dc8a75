/**
 * A third-party OAuth server: `oidc-provider`, at Clerk's paths unless told to use its own. Each start has its own
 * signing key. It writes its issuer as one line and runs until it is ended.
 *
 *     oidc_provider CLIENT_ID PORT [own-paths]
 */
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
// @ts-types="npm:@types/oidc-provider@9.12.1"
import { Provider } from "npm:oidc-provider@9.13.3";

const [clientId = "", ownPort, paths] = process.argv.slice(2);

const CLERK_ROUTES = {
  authorization: "/oauth/authorize",
  token: "/oauth/token",
  userinfo: "/oauth/userinfo",
  revocation: "/oauth/token/revoke",
  introspection: "/oauth/token_info",
  jwks: "/.well-known/jwks.json",
};

const server = createServer();

server.listen(Number(ownPort), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  server.on("request", createProvider(issuer).callback());
  console.log(issuer);
});

function createSigningKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return { ...privateKey.export({ format: "jwk" }), kid: crypto.randomUUID(), use: "sig", alg: "RS256" };
}

function createProvider(issuer: string): Provider {
  return new Provider(issuer, {
    clients: [{
      client_id: clientId,
      application_type: "native",
      token_endpoint_auth_method: "none",
      redirect_uris: ["http://127.0.0.1/callback"],
      grant_types: [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
      ],
      response_types: ["code"],
    }],
    ...(paths !== "own-paths" && { routes: CLERK_ROUTES }),
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
      introspection: { enabled: true },
      // An access token for a resource is a JWT.
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, audience) => ({
          audience,
          scope: "email",
          accessTokenFormat: "jwt",
        }),
        useGrantedResource: () => true,
      },
    },
    jwks: { keys: [createSigningKey()] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    // It drops 'offline_access' from requests without 'prompt=consent', which a command-line tool does not send.
    issueRefreshToken: (_context, client) => Promise.resolve(client.grantTypeAllowed("refresh_token")),
    expiresWithSession: () => false,
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "given_name", "family_name", "preferred_username"],
    },
    cookies: { keys: [crypto.randomUUID()] },
    findAccount: (_context, login) => ({
      accountId: login,
      claims: () => ({ sub: login, email: login, email_verified: true, name: login }),
    }),
  });
}
