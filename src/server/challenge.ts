/** What a challenge says beside the error code. */
export interface ChallengeOptions {
  status: number;
  description: string;
  /** Whether a bearer token came with the request. */
  hasToken: boolean;
  /** The scopes that the endpoint requires. */
  scopes: readonly string[];
  /** Where the protected resource metadata is. */
  metadataUrl?: string | undefined;
}

const REALM = "api";

/**
 * The value of `WWW-Authenticate`: without an error code when no credentials came.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750, section 3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 RFC 9728, section 5.1}
 */
export function challenge({ status, description, hasToken, scopes, metadataUrl }: ChallengeOptions): string {
  const error = errorCode(status, hasToken);
  const parameters = {
    realm: REALM,
    error,
    error_description: error && description,
    scope: status === 403 && scopes.length > 0 ? scopes.join(" ") : undefined,
    resource_metadata: metadataUrl,
  };
  const written = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return `Bearer ${written.map(([name, value]) => `${name}="${quotable(value ?? "")}"`).join(", ")}`;
}

function errorCode(status: number, hasToken: boolean): string | undefined {
  if (status === 400) return "invalid_request";
  if (status === 403) return "insufficient_scope";
  return hasToken ? "invalid_token" : undefined;
}

// RFC 6750, section 3: the characters %x20-21 / %x23-5B / %x5D-7E.
function quotable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").replaceAll(/["\\]/g, "'");
}
