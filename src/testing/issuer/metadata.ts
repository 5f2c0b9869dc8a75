import { json } from "../answers.ts";
import type { IncomingRequest } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";
import { STANDARD_SCOPES } from "../scopes.ts";

/** The authorization server metadata (RFC 8414), which is the OpenID configuration too. */
export function metadata({ issuer }: IncomingRequest, { behavior }: Instance): Response {
  return json({
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/token/revoke`,
    introspection_endpoint: `${issuer}/oauth/token_info`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: STANDARD_SCOPES,
    response_types_supported: ["code"],
    response_modes_supported: ["query", "form_post"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "none", "client_secret_post"],
    code_challenge_methods_supported: ["S256"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    prompt_values_supported: ["none", "login", "consent"],
    ...behavior.sendIssuerInRedirect && { authorization_response_iss_parameter_supported: true },
  });
}

/** The keys that tokens are verified with (RFC 7517, section 5). */
export async function jwks(_request: IncomingRequest, instance: Instance): Promise<Response> {
  const { publicJwk } = await instance.signingKey();
  return json({ keys: [publicJwk] });
}
