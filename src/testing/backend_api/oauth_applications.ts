import type { EmulatedApplication } from "../entities.ts";
import { ClerkProblem, type IncomingRequest, json } from "../http.ts";
import {
  addApplication,
  CLIENT_METADATA_SETTINGS,
  createClientSecret,
  type Instance,
  removeApplication,
} from "../instance.ts";
import { DEFAULT_SCOPES, parseScope } from "../issuer/state.ts";
import { findToken, isJwtAccessToken } from "../issuer/tokens.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { isLike, JsonBody, listPage, missingResource } from "./json.ts";

const NAME = /^.{1,256}$/s;
const SCOPES = /^.{0,1024}$/s;

/** `POST /oauth_applications`: only this response contains the client secret */
export const createOAuthApplication: Handler = (request, instance) => {
  const body = new JsonBody(request);
  const scopes = body.text("scopes", SCOPES);
  const application = addApplication(instance, {
    name: body.requiredText("name", NAME),
    redirectUris: redirectUris(body) ?? [],
    scopes: scopes === undefined ? DEFAULT_SCOPES : parseScope(scopes),
    public: body.boolean("public") ?? false,
    pkceRequired: body.boolean("pkce_required") ?? false,
    consentScreenEnabled: body.boolean("consent_screen_enabled") ?? true,
    deviceGrantEnabled: body.boolean("device_authorization_grant_enabled") ?? false,
  });
  const { clientSecret } = application;
  const secret = clientSecret === null ? {} : { client_secret: clientSecret };
  return json({ ...oauthApplicationJson(application, { request, instance }), ...secret });
};

/** Returns the requested redirect URIs. `callback_url` is the older way to name one. */
function redirectUris(body: JsonBody): string[] | undefined {
  const callbackUrl = body.text("callback_url");
  const uris = body.texts("redirect_uris") ?? (callbackUrl === undefined ? undefined : [callbackUrl]);
  if (uris?.every((uri) => URL.canParse(uri)) ?? true) return uris;
  throw new ClerkProblem(422, "form_param_format_invalid", "Each redirect URI must be a URL");
}

/** `GET /oauth_applications`, filtered by part of the name or client ID */
export const listOAuthApplications: Handler = (request, instance) => {
  const { searchParams } = request.url;
  const applications = [...instance.applications.values()].filter(({ name, clientId }) =>
    searchParams.get("name_query") === clientId ||
    isLike(searchParams, { parameter: "name_query", values: [name] })
  );
  return listPage(
    applications.map((found) => oauthApplicationJson(found, { request, instance })),
    searchParams,
  );
};

/** `GET /oauth_applications/:id` */
export const showOAuthApplication: Handler = (request, instance, parameters) =>
  json(oauthApplicationJson(findApplication(instance, parameters), { request, instance }));

/** `PATCH /oauth_applications/:id` */
export const updateOAuthApplication: Handler = (request, instance, parameters) => {
  const application = findApplication(instance, parameters);
  const body = new JsonBody(request);
  const scopes = body.text("scopes", SCOPES);
  const isPublic = body.boolean("public") ?? application.clientSecret === null;
  const { clientSecret, pkceRequired, consentScreenEnabled, deviceGrantEnabled } = application;
  Object.assign(
    application,
    {
      name: body.text("name", NAME) ?? application.name,
      redirectUris: redirectUris(body) ?? application.redirectUris,
      scopes: scopes === undefined ? application.scopes : parseScope(scopes),
      clientSecret: isPublic ? null : clientSecret ?? createClientSecret(),
      pkceRequired: isPublic || (body.boolean("pkce_required") ?? pkceRequired),
      consentScreenEnabled: body.boolean("consent_screen_enabled") ?? consentScreenEnabled,
      deviceGrantEnabled: body.boolean("device_authorization_grant_enabled") ?? deviceGrantEnabled,
      updatedAt: instance.now(),
    } satisfies Partial<EmulatedApplication>,
  );
  return json(oauthApplicationJson(application, { request, instance }));
};

/** `DELETE /oauth_applications/:id` */
export const deleteOAuthApplication: Handler = (_request, instance, parameters) => {
  const application = findApplication(instance, parameters);
  removeApplication(instance, application);
  return json({ object: "oauth_application", id: application.id, deleted: true });
};

/** `POST /oauth_applications/:id/revoke_token`: ends the grant of an opaque access token or a refresh token */
export const revokeOAuthToken: Handler = (request, instance, parameters) => {
  const { clientId } = findApplication(instance, parameters);
  const token = new JsonBody(request).requiredText("token");
  if (isJwtAccessToken(token)) {
    throw new ClerkProblem(400, "unsupported_token_type", "JWT access tokens cannot be revoked");
  }
  const grant = findToken(token, instance)?.authorization.grant;
  if (grant?.clientId !== clientId) throw missingResource("OAuth token");
  grant.revoked = true;
  return new Response(null, { status: 204 });
};

function findApplication({ applications }: Instance, { id }: PathParameters): EmulatedApplication {
  const application = [...applications.values()].find((candidate) => candidate.id === id);
  if (application) return application;
  throw missingResource("OAuth application");
}

function oauthApplicationJson(
  application: EmulatedApplication,
  { request: { issuer }, instance }: { request: IncomingRequest; instance: Instance },
): Record<string, unknown> {
  return {
    object: "oauth_application",
    id: application.id,
    instance_id: instance.id,
    name: application.name,
    client_id: application.clientId,
    client_uri: application.clientUri,
    client_image_url: application.imageUrl,
    dynamically_registered: application.dynamicallyRegistered,
    consent_screen_enabled: application.consentScreenEnabled,
    device_authorization_grant_enabled: application.deviceGrantEnabled,
    pkce_required: application.pkceRequired,
    public: application.clientSecret === null,
    scopes: application.scopes.join(" "),
    redirect_uris: application.redirectUris,
    callback_url: application.redirectUris[0] ?? "",
    authorize_url: `${issuer}/oauth/authorize`,
    token_fetch_url: `${issuer}/oauth/token`,
    user_info_url: `${issuer}/oauth/userinfo`,
    discovery_url: `${issuer}/.well-known/openid-configuration`,
    token_introspection_url: `${issuer}/oauth/token_info`,
    created_at: application.createdAt,
    updated_at: application.updatedAt,
  };
}

/** `GET /instance/oauth_application_settings` */
export const showOAuthSettings: Handler = (_request, instance) => json(oauthSettingsJson(instance));

/** `PATCH /instance/oauth_application_settings` */
export const updateOAuthSettings: Handler = (request, instance) => {
  const body = new JsonBody(request, { malformed: 422 });
  const { behavior, settings } = instance;
  const isJwt = body.boolean("oauth_jwt_access_tokens") ?? behavior.accessTokenFormat === "jwt";
  const isOpen = body.boolean("dynamic_oauth_client_registration") ?? behavior.dynamicClientRegistration;
  const defaultScopes = body.texts("default_scopes") ?? null;
  const clientMetadata = CLIENT_METADATA_SETTINGS.map((name) =>
    [name, body.boolean(name) ?? settings.clientMetadata[name]] as const
  );
  behavior.accessTokenFormat = isJwt ? "jwt" : "opaque";
  behavior.dynamicClientRegistration = isOpen;
  if (body.has("default_scopes")) settings.defaultScopes = defaultScopes && [...new Set(defaultScopes)];
  Object.assign(settings.clientMetadata, Object.fromEntries(clientMetadata));
  return json(oauthSettingsJson(instance));
};

function oauthSettingsJson({ behavior, settings }: Instance): Record<string, unknown> {
  return {
    object: "oauth_application_settings",
    dynamic_oauth_client_registration: behavior.dynamicClientRegistration,
    default_scopes: settings.defaultScopes,
    oauth_jwt_access_tokens: behavior.accessTokenFormat === "jwt",
    ...settings.clientMetadata,
  };
}
