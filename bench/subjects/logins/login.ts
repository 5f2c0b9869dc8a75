/** Where and how to sign in. */
export interface LoginOptions {
  issuer: string;
  clientId: string;
  /** Opens the address in a browser. */
  browse(url: string): Promise<void>;
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
