import { json } from "../http.ts";
import { CLIENT_METADATA_SETTINGS, type Instance } from "../instance.ts";
import type { Handler } from "../serve.ts";
import { JsonBody } from "./json.ts";

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
