import type { EmulatedApiKey } from "../entities.ts";
import { ClerkProblem, json } from "../http.ts";
import { addApiKey, type Instance } from "../instance.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { apiKeyJson, isExpired, JsonBody, listPage, missingResource } from "./json.ts";

const SUBJECT = /^(user|org|mch|scim)_\w{27}$/;
const CREATOR = /^user_\w{27}$/;
const NAME = /^\S.+\S$/;
const DESCRIPTION = /^.{0,255}$/s;

/** These endpoints return 400 where others return 422. */
const STATUSES = { malformed: 400, invalid: 400 } as const;

/** `POST /api_keys`: only this response contains the secret */
export const createApiKey: Handler = (request, instance) => {
  const body = new JsonBody(request, STATUSES);
  const apiKey = addApiKey(instance, {
    name: body.requiredText("name", NAME),
    subject: body.requiredText("subject", SUBJECT),
    description: body.text("description", DESCRIPTION) ?? null,
    claims: body.object("claims") ?? null,
    scopes: body.texts("scopes") ?? [],
    createdBy: body.text("created_by", CREATOR) ?? null,
    secondsUntilExpiration: body.number("seconds_until_expiration", 0) ?? null,
  });
  return json({ ...apiKeyJson(apiKey, instance), secret: apiKey.secret });
};

/** `GET /api_keys?subject=…`: revoked and expired keys only with `include_invalid=true` */
export const listApiKeys: Handler = ({ url: { searchParams } }, instance) => {
  const subject = searchParams.get("subject") ?? "";
  if (!SUBJECT.test(subject)) {
    throw new ClerkProblem(400, "form_param_format_invalid", "The parameter subject is invalid");
  }
  const includeInvalid = searchParams.get("include_invalid") === "true";
  const apiKeys = [...instance.apiKeys.values()].filter((apiKey) =>
    apiKey.subject === subject && (includeInvalid || !(apiKey.revoked || isExpired(apiKey, instance)))
  );
  return listPage(apiKeys.map((apiKey) => apiKeyJson(apiKey, instance)), searchParams, {
    maxLimit: 100,
    invalid: 400,
  });
};

/** `GET /api_keys/:id` */
export const showApiKey: Handler = (_request, instance, parameters) =>
  json(apiKeyJson(findApiKey(instance, parameters), instance));

/** `PATCH /api_keys/:id` */
export const updateApiKey: Handler = (request, instance, parameters) => {
  const apiKey = findApiKey(instance, parameters);
  const body = new JsonBody(request, STATUSES);
  const now = instance.now();
  const seconds = body.number("seconds_until_expiration", 0);
  Object.assign(
    apiKey,
    {
      ...body.has("subject") && { subject: body.requiredText("subject", SUBJECT) },
      ...body.has("description") && { description: body.text("description", DESCRIPTION) ?? null },
      ...body.has("claims") && { claims: body.object("claims") ?? null },
      ...body.has("scopes") && { scopes: body.texts("scopes") ?? [] },
      ...body.has("seconds_until_expiration") && {
        expiration: seconds === undefined ? null : now + seconds * 1000,
      },
      updatedAt: now,
    } satisfies Partial<EmulatedApiKey>,
  );
  return json(apiKeyJson(apiKey, instance));
};

/** `POST /api_keys/:id/revoke` */
export const revokeApiKey: Handler = (request, instance, parameters) => {
  const apiKey = findApiKey(instance, parameters);
  apiKey.revoked = true;
  apiKey.revocationReason = new JsonBody(request, STATUSES).text("revocation_reason") ?? null;
  apiKey.updatedAt = instance.now();
  return json(apiKeyJson(apiKey, instance));
};

/** `GET /api_keys/:id/secret` */
export const showApiKeySecret: Handler = (_request, instance, parameters) =>
  json({ secret: findApiKey(instance, parameters).secret });

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
