import { OneOf, type Shape } from "./shape.ts";

/** The shape of a JSON body; `EMPTY` for no body, `UNSPECIFIED` if the contract does not describe the body. */
export type Answer = Shape | typeof EMPTY | typeof UNSPECIFIED;

export const EMPTY: unique symbol = Symbol("no body");
export const UNSPECIFIED: unique symbol = Symbol("any body");

const ERRORS: Shape = {
  errors: [{ message: "string", long_message: "string", code: "string", "meta?": "object" }],
  "meta?": "object",
  "clerk_trace_id?": "string",
};

/** An error in OAuth's shape, with one of several codes. */
function oauthError(...codes: string[]): Shape {
  return { error: codes.map((code) => `'${code}'`).join("|"), error_description: "string" };
}

const JWKS = {
  keys: [{
    kid: "string",
    alg: "string",
    use: "string",
    kty: "'RSA'",
    n: "string",
    e: "string",
    "x5c?": ["string"],
    "x5t?": "string",
    "x5t#S256?": "string",
    "x5u?": "string",
  }],
} as const;

const COMMON_METADATA = {
  issuer: "string",
  authorization_endpoint: "string",
  token_endpoint: "string",
  revocation_endpoint: "string",
  jwks_uri: "string",
  response_types_supported: ["string"],
  grant_types_supported: ["string"],
  token_endpoint_auth_methods_supported: ["string"],
  scopes_supported: ["string"],
  subject_types_supported: ["string"],
  id_token_signing_alg_values_supported: ["string"],
  claims_supported: ["string"],
  code_challenge_methods_supported: ["string"],
  // Documented in September 2026, after the OpenAPI document.
  "device_authorization_endpoint?": "string",
} as const;

const OAUTH_METADATA = {
  ...COMMON_METADATA,
  "registration_endpoint?": "string",
  "service_documentation?": "string",
  "ui_locales_supported?": ["string"],
  "op_tos_uri?": "string",
  "client_id_metadata_document_supported?": "boolean",
} as const;

const OPENID_CONFIGURATION = {
  ...COMMON_METADATA,
  introspection_endpoint: "string",
  userinfo_endpoint: "string",
  response_modes_supported: ["string"],
  backchannel_logout_supported: "boolean",
  frontchannel_logout_supported: "boolean",
  "end_session_endpoint?": "string",
} as const;

const TOKENS = {
  access_token: "string",
  token_type: "string",
  "expires_in?": "integer",
  "refresh_token?": "string",
  "scope?": "string",
  "id_token?": "string",
};

/** What the device grant and `resource` can be refused with, and a refresh whose scope is gone: newer than the document. */
const NEWER_TOKEN_ERRORS = [
  "authorization_pending",
  "slow_down",
  "access_denied",
  "expired_token",
  "unauthorized_client",
  "invalid_scope",
  "invalid_target",
];

const TOKEN_INFO = {
  active: "boolean",
  "client_id?": "string|null",
  "iat?": "integer|null",
  "scope?": "string|null",
  "sub?": "string|null",
  "org_id?": "string|null",
};

const USERINFO = {
  object: "string",
  instance_id: "string",
  user_id: "string",
  sub: "string",
  "email?": "string|null",
  "email_verified?": "boolean|null",
  "family_name?": "string|null",
  "given_name?": "string|null",
  "name?": "string|null",
  "username?": "string|null",
  "preferred_username?": "string|null",
  "picture?": "string|null",
  "public_metadata?": "object|null",
  "private_metadata?": "object|null",
  "unsafe_metadata?": "object|null",
  "org_id?": "string|null",
  "org_name?": "string|null",
  "org_slug?": "string|null",
};

const REGISTERED_CLIENT = {
  client_id: "string",
  "client_secret?": "string",
  client_id_issued_at: "integer",
  client_secret_expires_at: "integer",
  client_name: "string",
  "client_uri?": "string",
  "logo_uri?": "string",
  redirect_uris: ["string"],
  grant_types: ["string"],
  response_types: ["string"],
  scope: "string",
  token_endpoint_auth_method: "'client_secret_basic'|'client_secret_post'|'none'",
} as const;

const DEVICE_AUTHORIZATION = {
  device_code: /^[\w-]{43}$/,
  user_code: /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/,
  verification_uri: /\/device$/,
  verification_uri_complete: /\/device\?user_code=[A-Z]{4}-[A-Z]{4}$/,
  expires_in: "integer",
  interval: "integer",
};

const VERIFICATION = {
  "object?": "'verification_admin'|'verification_otp'",
  status: "'unverified'|'verified'|'failed'|'expired'",
  strategy: "'admin'|'phone_code'|'email_code'|'reset_password_email_code'",
  attempts: "integer|null",
  expire_at: "integer|null",
  "channel?": "string|null",
  "verified_at_client?": "string|null",
};

const EMAIL_ADDRESS = {
  "id?": "string",
  object: "'email_address'",
  email_address: "string",
  reserved: "boolean",
  verification: new OneOf("null", VERIFICATION),
  linked_to: [{ type: /^oauth_[a-z]+$/, id: "string" }],
  "matches_sso_connection?": "boolean",
  created_at: "integer",
  updated_at: "integer",
} as const;

const ORGANIZATION = {
  object: "'organization'",
  id: /^org_\w{27}$/,
  name: "string",
  slug: "string",
  "image_url?": "string",
  has_image: "boolean",
  "members_count?": "integer",
  "missing_member_with_elevated_permissions?": "boolean",
  "pending_invitations_count?": "integer",
  max_allowed_memberships: "integer",
  admin_delete_enabled: "boolean",
  public_metadata: "object",
  "private_metadata?": "object",
  "created_by?": "string",
  created_at: "integer",
  updated_at: "integer",
  "last_active_at?": "integer",
  "role_set_key?": "string|null",
};

const MEMBERSHIP = {
  id: "string",
  object: "'organization_membership'",
  role: "string",
  "role_name?": "string",
  permissions: ["string"],
  public_metadata: "object",
  "private_metadata?": "object",
  organization: ORGANIZATION,
  "public_user_data?": {
    user_id: "string",
    first_name: "string|null",
    last_name: "string|null",
    profile_image_url: "string|null",
    image_url: "string",
    has_image: "boolean",
    "identifier?": "string|null",
    "username?": "string|null",
    "banned?": "boolean",
    "deprovisioned?": "boolean",
  },
  created_at: "integer",
  updated_at: "integer",
} as const;

/** The lists of phone numbers, wallets and accounts are empty: the emulator's users have none. */
const USER = {
  id: /^user_\w{27}$/,
  object: "'user'",
  external_id: "string|null",
  primary_email_address_id: "string|null",
  primary_phone_number_id: "null",
  primary_web3_wallet_id: "null",
  username: "string|null",
  first_name: "string|null",
  last_name: "string|null",
  "locale?": "string|null",
  "profile_image_url?": "string",
  "image_url?": "string",
  has_image: "boolean",
  public_metadata: "object",
  "private_metadata?": "object|null",
  "unsafe_metadata?": "object",
  email_addresses: [EMAIL_ADDRESS],
  phone_numbers: ["never"],
  web3_wallets: ["never"],
  passkeys: ["never"],
  password_enabled: "boolean",
  two_factor_enabled: "boolean",
  totp_enabled: "boolean",
  backup_code_enabled: "boolean",
  mfa_enabled_at: "integer|null",
  mfa_disabled_at: "integer|null",
  "password_last_updated_at?": "integer|null",
  external_accounts: ["never"],
  saml_accounts: ["never"],
  enterprise_accounts: ["never"],
  "organization_memberships?": [MEMBERSHIP],
  last_sign_in_at: "integer|null",
  banned: "boolean",
  locked: "boolean",
  "deprovisioned?": "boolean",
  lockout_expires_in_seconds: "integer|null",
  verification_attempts_remaining: "integer|null",
  updated_at: "integer",
  created_at: "integer",
  delete_self_enabled: "boolean",
  create_organization_enabled: "boolean",
  "create_organizations_limit?": "integer|null",
  last_active_at: "integer|null",
  legal_accepted_at: "integer|null",
  "bypass_client_trust?": "boolean",
} as const;

const SCOPED_MACHINE = {
  object: "'machine'",
  id: /^mch_\w{27}$/,
  name: /^.{1,255}$/s,
  instance_id: "string",
  created_at: "integer",
  updated_at: "integer",
  "default_token_ttl?": "integer",
};
const MACHINE = { ...SCOPED_MACHINE, scoped_machines: [SCOPED_MACHINE] } as const;

const API_KEY = {
  object: "'api_key'",
  id: /^ak_[0-9A-Fa-f]{32}$/,
  type: "'api_key'",
  subject: /^(user|org|mch)_\w{27}$/,
  name: "string",
  "description?": "string|null",
  claims: "any",
  scopes: ["string"],
  revoked: "boolean",
  revocation_reason: "string|null",
  expired: "boolean",
  expiration: "number|null",
  created_by: new OneOf("null", /^user_\w{27}$/),
  last_used_at: "number|null",
  created_at: "number",
  updated_at: "number",
} as const;

const OAUTH_APPLICATION = {
  object: "'oauth_application'",
  id: "string",
  instance_id: "string",
  name: "string",
  client_id: "string",
  client_uri: "string|null",
  client_image_url: "string|null",
  dynamically_registered: "boolean",
  consent_screen_enabled: "boolean",
  pkce_required: "boolean",
  public: "boolean",
  scopes: "string",
  redirect_uris: ["string"],
  callback_url: "string",
  authorize_url: "string",
  token_fetch_url: "string",
  user_info_url: "string",
  discovery_url: "string",
  token_introspection_url: "string",
  // Documented in September 2026, after the OpenAPI document.
  device_authorization_grant_enabled: "boolean",
  created_at: "integer",
  updated_at: "integer",
} as const;

const VERIFIED_ACCESS_TOKEN = new OneOf(
  {
    object: "'clerk_idp_oauth_access_token'",
    id: /^oat_[0-9A-Fa-f]{32}$/,
    client_id: "string",
    subject: /^user_\w{27}$/,
    scopes: ["string"],
    revoked: "boolean",
    revocation_reason: "string|null",
    expired: "boolean",
    expiration: "number|null",
    created_at: "number",
    updated_at: "number",
  },
  { active: "false" },
);

const OAUTH_SETTINGS = {
  object: "'oauth_application_settings'",
  dynamic_oauth_client_registration: "boolean",
  default_scopes: new OneOf("null", ["string"]),
  oauth_jwt_access_tokens: "boolean",
  client_id_metadata_documents_advertised: "boolean",
  client_id_metadata_documents_only_allow_pre_registered_clients: "boolean",
  client_id_metadata_documents_block_implicitly_allowed_clients: "boolean",
};

const DELETED = {
  object: "string",
  "id?": "string",
  "slug?": "string",
  deleted: "boolean",
  "external_id?": "string",
};

function page(item: Shape): Shape {
  return { data: [item], total_count: "integer" };
}

/** A success and errors in Clerk's own shape. */
function clerk(success: Shape, ...statuses: number[]): Record<number, Answer> {
  return { 200: success, ...Object.fromEntries(statuses.map((status) => [status, ERRORS])) };
}

/**
 * Clerk's published contract, as far as the emulator implements it: for each endpoint, what each documented status comes
 * with. These are facts of the OpenAPI documents of the Frontend API and the Backend API, version 2026-05-12, and of what
 * Clerk has documented since.
 */
export const CLERK_CONTRACT: Readonly<Record<string, Readonly<Record<number, Answer>>>> = {
  "GET /.well-known/jwks.json": { 200: JWKS },
  "GET /.well-known/openid-configuration": { 200: OPENID_CONFIGURATION },
  "GET /.well-known/oauth-authorization-server": { 200: OAUTH_METADATA },
  "GET /oauth/authorize": { 200: UNSPECIFIED, 303: EMPTY, 400: UNSPECIFIED, 401: UNSPECIFIED },
  "POST /oauth/authorize": { 200: UNSPECIFIED, 303: EMPTY, 400: UNSPECIFIED, 401: UNSPECIFIED },
  "POST /oauth/token": {
    200: TOKENS,
    400: oauthError("invalid_request", "invalid_grant", "unsupported_token_type", ...NEWER_TOKEN_ERRORS),
    401: oauthError("invalid_client", "invalid_grant", "unsupported_grant_type"),
  },
  "POST /oauth/token/revoke": {
    200: EMPTY,
    400: oauthError("invalid_request", "invalid_grant", "unsupported_token_type"),
    401: oauthError("invalid_client", "invalid_grant", "unsupported_grant_type"),
  },
  "POST /oauth/token_info": { 200: TOKEN_INFO, 401: UNSPECIFIED },
  "GET /oauth/userinfo": clerk(USERINFO, 401),
  "POST /oauth/userinfo": clerk(USERINFO, 401),
  "POST /oauth/register": {
    201: REGISTERED_CLIENT,
    400: oauthError("invalid_redirect_uri", "invalid_client_metadata"),
    422: UNSPECIFIED,
  },
  "POST /oauth/device_authorization": {
    200: DEVICE_AUTHORIZATION,
    400: oauthError("invalid_request", "invalid_scope", "invalid_target", "unauthorized_client"),
    401: oauthError("invalid_client"),
  },

  "GET /jwks": { 200: JWKS },
  "GET /users": clerk([USER], 400, 401, 422),
  "POST /users": clerk(USER, 400, 401, 422),
  "GET /users/count": clerk({ object: "'total_count'", total_count: "integer" }, 422),
  "GET /users/:id": clerk(USER, 400, 401, 404),
  "PATCH /users/:id": clerk(USER, 400, 401, 404, 422),
  "DELETE /users/:id": clerk(DELETED, 400, 401, 404),
  "GET /users/:id/organization_memberships": clerk(page(MEMBERSHIP), 403),
  "GET /organizations": clerk(page(ORGANIZATION), 400, 403, 422),
  "POST /organizations": clerk(ORGANIZATION, 400, 403, 422),
  "GET /organizations/:id": clerk(ORGANIZATION, 403, 404),
  "PATCH /organizations/:id": clerk(ORGANIZATION, 400, 403, 404, 422),
  "DELETE /organizations/:id": clerk(DELETED, 404),
  "GET /organizations/:id/memberships": clerk(page(MEMBERSHIP), 401, 422),
  "POST /organizations/:id/memberships": clerk(MEMBERSHIP, 400, 403, 404, 422),
  "GET /machines": clerk(page(MACHINE), 400, 401, 403, 422),
  "POST /machines": clerk({ ...MACHINE, secret_key: "string" }, 400, 401, 403, 422),
  "GET /machines/:id": clerk(MACHINE, 400, 401, 403, 404, 422),
  "PATCH /machines/:id": clerk(MACHINE, 400, 401, 403, 404, 422),
  "DELETE /machines/:id": clerk({ object: "'machine'", id: "string", deleted: "true" }, 400, 401, 403, 404),
  "GET /api_keys": clerk(page(API_KEY), 400, 404),
  "POST /api_keys": clerk({ ...API_KEY, secret: "string" }, 400, 409),
  "POST /api_keys/verify": clerk(API_KEY, 400, 404),
  "GET /api_keys/:id": clerk(API_KEY, 400, 404),
  "PATCH /api_keys/:id": clerk(API_KEY, 400, 404),
  "DELETE /api_keys/:id": clerk({ object: "'api_key'", id: "string", deleted: "true" }, 400, 404),
  "GET /api_keys/:id/secret": clerk({ secret: "string" }, 400, 404),
  "POST /api_keys/:id/revoke": clerk(API_KEY, 400, 404),
  "GET /oauth_applications": clerk(page(OAUTH_APPLICATION), 400, 403, 422),
  "POST /oauth_applications": clerk({ ...OAUTH_APPLICATION, "client_secret?": "string" }, 400, 403, 422),
  "GET /oauth_applications/:id": clerk(OAUTH_APPLICATION, 403, 404),
  "PATCH /oauth_applications/:id": clerk(OAUTH_APPLICATION, 400, 403, 404, 422),
  "DELETE /oauth_applications/:id": clerk(DELETED, 403, 404),
  "POST /oauth_applications/:id/revoke_token": {
    204: EMPTY,
    400: ERRORS,
    403: ERRORS,
    404: ERRORS,
    422: ERRORS,
  },
  "POST /oauth_applications/access_tokens/verify": clerk(VERIFIED_ACCESS_TOKEN, 400, 404),
  "GET /instance/oauth_application_settings": { 200: OAUTH_SETTINGS },
  "PATCH /instance/oauth_application_settings": clerk(OAUTH_SETTINGS, 422),
};
