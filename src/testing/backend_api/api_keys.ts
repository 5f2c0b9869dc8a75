import type { EmulatedApiKey } from "../entities.ts";
import { ClerkProblem, json } from "../http.ts";
import { addApiKey, type Instance } from "../instance.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { apiKeyJson, isExpired, JsonBody, listPage, missingResource } from "./json.ts";

const SUBJECT = /^(user|org|mch|scim)_\w{27}$/;

/** `POST /api_keys`; only this response has the secret */
export const createApiKey: Handler = (request, instance) => {
  const body = new JsonBody(request);
  const apiKey = addApiKey(instance, {
    name: body.requiredText("name"),
    subject: checkedSubject(body.requiredText("subject")),
    description: body.text("description") ?? null,
    claims: body.object("claims") ?? null,
    scopes: body.texts("scopes") ?? [],
    createdBy: body.text("created_by") ?? null,
    secondsUntilExpiration: body.number("seconds_until_expiration") ?? null,
  });
  return json({ ...apiKeyJson(apiKey, instance), secret: apiKey.secret });
};

/** `GET /api_keys?subject=…`; revoked and expired ones only with `include_invalid=true` */
export const listApiKeys: Handler = ({ url: { searchParams } }, instance) => {
  const subject = checkedSubject(searchParams.get("subject") ?? "");
  const includeInvalid = searchParams.get("include_invalid") === "true";
  const apiKeys = [...instance.apiKeys.values()].filter((apiKey) =>
    apiKey.subject === subject && (includeInvalid || !(apiKey.revoked || isExpired(apiKey, instance)))
  );
  return listPage(apiKeys.map((apiKey) => apiKeyJson(apiKey, instance)), searchParams);
};

/** `GET /api_keys/:id` */
export const showApiKey: Handler = (_request, instance, parameters) =>
  json(apiKeyJson(findApiKey(instance, parameters), instance));

/** `PATCH /api_keys/:id` */
export const updateApiKey: Handler = (request, instance, parameters) => {
  const apiKey = findApiKey(instance, parameters);
  const body = new JsonBody(request);
  const now = instance.now();
  if (body.has("subject")) apiKey.subject = checkedSubject(body.requiredText("subject"));
  if (body.has("description")) apiKey.description = body.text("description") ?? null;
  if (body.has("claims")) apiKey.claims = body.object("claims") ?? null;
  if (body.has("scopes")) apiKey.scopes = body.texts("scopes") ?? [];
  const seconds = body.number("seconds_until_expiration");
  if (body.has("seconds_until_expiration")) {
    apiKey.expiration = seconds === undefined ? null : now + seconds * 1000;
  }
  apiKey.updatedAt = now;
  return json(apiKeyJson(apiKey, instance));
};

/** `POST /api_keys/:id/revoke` */
export const revokeApiKey: Handler = (request, instance, parameters) => {
  const apiKey = findApiKey(instance, parameters);
  apiKey.revoked = true;
  apiKey.revocationReason = new JsonBody(request).text("revocation_reason") ?? null;
  apiKey.updatedAt = instance.now();
  return json(apiKeyJson(apiKey, instance));
};

/** `GET /api_keys/:id/secret` */
export const showApiKeySecret: Handler = (_request, instance, parameters) =>
  json({ object: "api_key_secret", secret: findApiKey(instance, parameters).secret });

/** `DELETE /api_keys/:id` */
export const deleteApiKey: Handler = (_request, instance, parameters) => {
  const { id } = findApiKey(instance, parameters);
  instance.apiKeys.delete(id);
  return json({ object: "api_key", id, deleted: true });
};

function findApiKey({ apiKeys }: Instance, { id = "" }: PathParameters): EmulatedApiKey {
  const apiKey = apiKeys.get(id);
  if (apiKey) return apiKey;
  throw missingResource("API key");
}

function checkedSubject(subject: string): string {
  if (SUBJECT.test(subject)) return subject;
  throw new ClerkProblem(
    422,
    "form_param_format_invalid",
    "The parameter subject is not an identifier of a subject",
  );
}
