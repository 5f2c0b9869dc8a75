import { type IncomingRequest, json } from "../http.ts";
import type { Instance } from "../instance.ts";
import { DEVICE_CODE_GRANT } from "./device.ts";
import { STANDARD_SCOPES } from "./state.ts";

/**
 * Returns the authorization server metadata (RFC 8414). Unlike the OpenID configuration, it has no userinfo
 * endpoint.
 */
export function oauthMetadata({ issuer }: IncomingRequest, instance: Instance): Response {
  const { behavior, settings } = instance;
  const { revocation_endpoint, ...common } = commonMetadata(issuer, instance);
  return json({
    ...common,
    ...behavior.advertiseRevocationEndpoint && { revocation_endpoint },
    ...behavior.dynamicClientRegistration && { registration_endpoint: `${issuer}/oauth/register` },
    ...settings.clientMetadata.client_id_metadata_documents_advertised &&
      { client_id_metadata_document_supported: true },
  });
}

/** Returns the OpenID configuration (OpenID Connect Discovery 1.0, section 4). */
export function openidConfiguration({ issuer }: IncomingRequest, instance: Instance): Response {
  return json({
    ...commonMetadata(issuer, instance),
    introspection_endpoint: `${issuer}/oauth/token_info`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    response_modes_supported: ["query", "form_post"],
    backchannel_logout_supported: false,
    frontchannel_logout_supported: false,
  });
}

/** Builds what both documents share. */
function commonMetadata(issuer: string, instance: Instance) {
  const { deviceGrant, sendIssuerInRedirect } = instance.behavior;
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/token/revoke`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    ...deviceGrant && { device_authorization_endpoint: `${issuer}/oauth/device_authorization` },
    scopes_supported: knownScopes(instance),
    response_types_supported: ["code"],
    grant_types_supported: ["authorization_code", "refresh_token", ...deviceGrant ? [DEVICE_CODE_GRANT] : []],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "none", "client_secret_post"],
    code_challenge_methods_supported: ["S256"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    claims_supported: CLAIMS,
    ...sendIssuerInRedirect && { authorization_response_iss_parameter_supported: true },
  };
}

const CLAIMS = [
  "iss",
  "sub",
  "aud",
  "exp",
  "iat",
  "auth_time",
  "nonce",
  "at_hash",
  "email",
  "email_verified",
  "name",
  "given_name",
  "family_name",
  "picture",
  "preferred_username",
  "public_metadata",
  "private_metadata",
  "unsafe_metadata",
  "org_id",
  "org_name",
  "org_slug",
];

/** Lists Clerk's scopes and the custom scopes of all applications. */
function knownScopes({ applications }: Instance): string[] {
  return [...new Set([...STANDARD_SCOPES, ...[...applications.values()].flatMap(({ scopes }) => scopes)])];
}
