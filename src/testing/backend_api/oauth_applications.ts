import type { EmulatedApplication } from "../entities.ts";
import { type IncomingRequest, json } from "../http.ts";
import { addApplication, type Instance, removeApplication } from "../instance.ts";
import { parseScope } from "../issuer/state.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { JsonBody, listPage, missingResource } from "./json.ts";

const DEFAULT_SCOPE = "profile email";

/** `POST /oauth_applications`; only this response has the client secret */
export const createOAuthApplication: Handler = (request, instance) => {
  const body = new JsonBody(request);
  const application = addApplication(instance, {
    name: body.requiredText("name"),
    redirectUris: body.texts("redirect_uris") ?? [],
    scopes: parseScope(body.text("scopes") ?? DEFAULT_SCOPE),
    public: body.boolean("public") ?? false,
    pkceRequired: body.boolean("pkce_required") ?? false,
  });
  const { clientSecret } = application;
  const secret = clientSecret === null ? {} : { client_secret: clientSecret };
  return json({ ...oauthApplicationJson(application, { request, instance }), ...secret });
};

/** `GET /oauth_applications` */
export const listOAuthApplications: Handler = (request, instance) => {
  const applications = [...instance.applications.values()];
  const { searchParams } = request.url;
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
  application.name = body.text("name") ?? application.name;
  application.redirectUris = body.texts("redirect_uris") ?? application.redirectUris;
  application.scopes = parseScope(body.text("scopes") ?? application.scopes.join(" "));
  return json(oauthApplicationJson(application, { request, instance }));
};

/** `DELETE /oauth_applications/:id` */
export const deleteOAuthApplication: Handler = (_request, instance, parameters) => {
  const application = findApplication(instance, parameters);
  removeApplication(instance, application);
  return json({ object: "oauth_application", id: application.id, deleted: true });
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
    client_uri: null,
    client_image_url: null,
    dynamically_registered: false,
    consent_screen_enabled: true,
    pkce_required: application.pkceRequired,
    public: application.clientSecret === null,
    scopes: application.scopes.join(" "),
    redirect_uris: application.redirectUris,
    authorize_url: `${issuer}/oauth/authorize`,
    token_fetch_url: `${issuer}/oauth/token`,
    user_info_url: `${issuer}/oauth/userinfo`,
    discovery_url: `${issuer}/.well-known/openid-configuration`,
    token_introspection_url: `${issuer}/oauth/token_info`,
    created_at: application.createdAt,
    updated_at: application.createdAt,
  };
}
