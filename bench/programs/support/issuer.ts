import type { Configuration } from "npm:@azure/msal-node@7.2.3";

/** Where and how to sign in. */
export interface LoginOptions {
  issuer: string;
  clientId: string;
}

/** Signs in, and asks who did. */
export type Login = (options: LoginOptions) => Promise<void>;

/** The metadata of an issuer, as far as a login needs them. */
export interface IssuerMetadata {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  userinfo_endpoint: string;
  [other: string]: string;
}

/** What the discovery document of an issuer says. */
export function metadataOf(issuer: string): IssuerMetadata {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
  };
}

/** An issuer that nobody asks. */
export const AUTHORITY = "https://clerk.example.com";

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

/**
 * The browser of a person who is signed in at the issuer: it follows redirects, reads the page, and where that is a form
 * which a script would send at once, sends it.
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
