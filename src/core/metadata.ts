import { clerkEndpoints, type Endpoints } from "./issuer.ts";

/** What is known of an issuer, as far as it matters to a client. */
export interface IssuerMetadata {
  endpoints: Endpoints;
  /** Whether each of its authorization responses carries `iss` (RFC 9207, section 3). */
  namesItself: boolean;
  /** Whether it can post the authorization response (OAuth 2.0 Form Post Response Mode). */
  offersFormPost: boolean;
}

/** What may be taken for granted of an issuer at Clerk that was not asked. */
export function clerkMetadata(issuer: string): IssuerMetadata {
  return { endpoints: clerkEndpoints(issuer), namesItself: false, offersFormPost: false };
}
