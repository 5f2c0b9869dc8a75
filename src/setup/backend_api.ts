import { isJsonObject, type JsonObject, parseJsonObject } from "../core/encoding.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import { exchange, type HttpRequest, type TextResponse, type Transport } from "../core/http.ts";
import { refusal } from "../core/oauth_error.ts";

interface BackendApi {
  transport: Transport;
  /** Without a trailing slash. */
  url: string;
  secretKey: string;
}

const ENDPOINT_NAME = "Clerk's Backend API";
const TIMEOUT_MS = 30_000;
const PAGE_SIZE = 100;

/** Lists the OAuth applications whose name contains a text. */
export async function listApplications(api: BackendApi, name: string): Promise<JsonObject[]> {
  const found: JsonObject[] = [];
  for (;;) {
    const query = new URLSearchParams({
      limit: String(PAGE_SIZE),
      offset: String(found.length),
      name_query: name,
    });
    const { data } = await call(api, { method: "GET", path: `/v1/oauth_applications?${query}` });
    if (!Array.isArray(data) || !data.every(isJsonObject)) throw unusable();
    found.push(...data);
    if (data.length < PAGE_SIZE) return found;
  }
}

export async function createApplication(api: BackendApi, parameters: JsonObject): Promise<JsonObject> {
  const body = JSON.stringify(parameters);
  return await call(api, { method: "POST", path: "/v1/oauth_applications", body });
}

/** Allows the device authorization grant for an OAuth application. */
export async function enableDeviceGrant(api: BackendApi, id: string): Promise<JsonObject> {
  const path = `/v1/oauth_applications/${encodeURIComponent(id)}`;
  const body = JSON.stringify({ device_authorization_grant_enabled: true });
  return await call(api, { method: "PATCH", path, body });
}

interface Call {
  method: HttpRequest["method"];
  path: string;
  body?: string;
}

async function call(api: BackendApi, { path, body, method }: Call): Promise<JsonObject> {
  const { transport, url, secretKey } = api;
  const request: HttpRequest = {
    method,
    url: url + path,
    headers: {
      accept: "application/json",
      authorization: `Bearer ${secretKey}`,
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body }),
  };
  const options = {
    transport,
    step: "unavailable",
    endpointName: ENDPOINT_NAME,
    timeoutMs: TIMEOUT_MS,
  } as const;
  return readResponse(await exchange(request, options), secretKey);
}

function readResponse(response: TextResponse, secretKey: string): JsonObject {
  if (response.status === 401) {
    throw new ClerkCliAuthError("config", "Clerk refused the secret key", {
      action: "Copy the secret key of your instance from Clerk's dashboard, API keys",
      exitCode: 1,
      status: 401,
    });
  }
  if (response.status < 200 || response.status > 299) {
    throw refusal(response, { step: "unavailable", endpointName: ENDPOINT_NAME, secrets: [secretKey] });
  }
  const body = parseJsonObject(response.text);
  if (!body) throw unusable();
  return body;
}

/** Returns the error for a response that does not match Clerk's documentation. */
export function unusable(): ClerkCliAuthError {
  return new ClerkCliAuthError("unavailable", `${ENDPOINT_NAME} sent an unexpected response`);
}
