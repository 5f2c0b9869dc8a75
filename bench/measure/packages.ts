/** The package under test, as programs import it. */
export const OWN_NAME = "@clerk/cli-auth";

/** A package of one line, which does nothing. */
export const ONE_LINE = "one-line";

/** What this package is compared with. */
export interface Peer {
  label: string;
  /** The packages that it takes, by name, in the order in which a program imports them. */
  packages: Readonly<Record<string, string>>;
  /** Whether a script has to run at its installation. */
  needsScripts?: boolean;
}

const MSAL = { "@azure/msal-node": "7.2.3" };

/** How a table names MSAL with the packages that keep its tokens. */
export const MSAL_LABEL = "@azure/msal-node, extensions";

/** The libraries. */
export const PEERS: readonly Peer[] = [
  { label: "@azure/msal-node", packages: MSAL },
  { label: MSAL_LABEL, packages: { ...MSAL, "@azure/msal-node-extensions": "5.6.1" }, needsScripts: true },
  { label: "@clerk/backend", packages: { "@clerk/backend": "3.25.0" } },
  { label: "google-auth-library", packages: { "google-auth-library": "11.3.4" } },
  { label: "jose", packages: { "jose": "6.2.18" } },
  { label: "oauth4webapi", packages: { "oauth4webapi": "3.8.8" } },
  { label: "openid-client", packages: { "openid-client": "6.9.0" } },
];

/** All packages of the peers, with their versions. */
export const PEER_PACKAGES: Readonly<Record<string, string>> = Object.assign(
  {},
  ...PEERS.map(({ packages }) => packages),
);

/** What the bench itself runs with. */
export const TOOLS: Readonly<Record<string, string>> = {
  "@hono/node-server": "2.1.9",
  "@napi-rs/keyring": "2.1.2",
  "autocannon": "9.0.0",
  "bun": "1.4.5",
  "proper-lockfile": "4.1.2",
};

/**
 * The extensions of MSAL cannot even be imported without the binary of `keytar`, which its installation fetches from
 * GitHub or builds against libsecret. This is the same code, and has its binaries with it.
 */
export const OVERRIDES: Readonly<Record<string, string>> = { keytar: "npm:@github/keytar@7.10.6" };
