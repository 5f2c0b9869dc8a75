/** The package under test, as programs import it. */
export const OWN_NAME = "@clerk/cli-auth";

/** The versions of what this package is compared with. */
export const PEERS: Readonly<Record<string, string>> = {
  "@azure/msal-node": "7.2.3",
  "@clerk/backend": "3.25.0",
  "google-auth-library": "11.3.4",
  "jose": "6.2.18",
  "oauth4webapi": "3.8.8",
  "openid-client": "6.9.0",
};

/** What the bench itself runs with. */
export const TOOLS: Readonly<Record<string, string>> = {
  "@hono/node-server": "2.1.9",
  "@napi-rs/keyring": "2.1.2",
  "autocannon": "9.0.0",
  "bun": "1.4.5",
  "proper-lockfile": "4.1.2",
};
