import type { Configuration } from "npm:@azure/msal-node@7.2.3";

const AUTHORITY = "https://clerk.example.com";

/**
 * The configuration of MSAL for an issuer that is not Microsoft's. The authority has to be https, its endpoints need not:
 * they are given, so that MSAL does not ask for them each time a process starts.
 */
export function msalConfiguration(issuer: string): Configuration {
  const metadata = {
    issuer: AUTHORITY,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
  };
  return {
    auth: {
      clientId: "bench",
      authority: AUTHORITY,
      knownAuthorities: [new URL(AUTHORITY).host],
      authorityMetadata: JSON.stringify(metadata),
    },
    system: { protocolMode: "OIDC" },
  };
}
