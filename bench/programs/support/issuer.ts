import type { Configuration } from "npm:@azure/msal-node@7.2.3";

export interface LoginOptions {
  issuer: string;
  clientId: string;
}

/** Signs in, and asks who did. */
export type Login = (options: LoginOptions) => Promise<void>;

/** Metadata of an issuer, as far as a login needs it. */
export interface IssuerMetadata {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  userinfo_endpoint: string;
  [other: string]: string;
}

export function metadataOf(issuer: string): IssuerMetadata {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
  };
}

/** An issuer that never gets a request. */
export const AUTHORITY = "https://clerk.example.com";

/**
 * Configures MSAL for an issuer that is not Microsoft's. The authority must be https, but its endpoints need not be.
 * They are given, so that MSAL does not fetch them each time a process starts.
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

/**
 * The browser of a user who is signed in at the issuer: follows redirects, reads the page, and sends a form that a
 * script would send.
 */
export async function browse(url: string): Promise<void> {
  const response = await fetch(url);
  const [, action, fields] =
    /^<form method="post" action="([^"]*)">(.*)<\/form>$/.exec(await response.text()) ?? [];
  if (action === undefined || fields === undefined) return;
  const body = new URLSearchParams();
  for (const [, name, value] of fields.matchAll(/name="([^"]*)" value="([^"]*)"/g)) body.set(name!, value!);
  const sent = await fetch(action, { method: "POST", body });
  await sent.text();
}
