import { isSameText, parseJsonObject } from "../../core/encoding.ts";
import type { EmulatedApplication } from "../entities.ts";
import { ClerkProblem, type IncomingRequest, json, OAuthProblem } from "../http.ts";
import { addApplication, type Instance, randomText } from "../instance.ts";
import { DEFAULT_SCOPES, parseScope, STANDARD_SCOPES } from "./state.ts";

const AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"] as const;

/** The client registration endpoint (RFC 7591). An instance must enable it. */
export function register(request: IncomingRequest, instance: Instance): Response {
  if (!instance.behavior.dynamicClientRegistration) {
    throw new ClerkProblem(
      422,
      "dynamic_client_registration_disabled",
      "Dynamic client registration is not enabled for this instance",
    );
  }
  const metadata = new ClientMetadata(request);
  const authMethod = metadata.authMethod();
  const clientId = randomText(16);
  const application = addApplication(instance, {
    clientId,
    name: metadata.text("client_name", 256) ?? clientId,
    redirectUris: metadata.redirectUris(),
    scopes: metadata.scopes() ?? [...instance.settings.defaultScopes ?? DEFAULT_SCOPES],
    public: authMethod === "none",
    pkceRequired: false,
    deviceGrantEnabled: false,
    clientUri: metadata.uri("client_uri") ?? null,
    imageUrl: metadata.uri("logo_uri") ?? null,
    dynamicallyRegistered: true,
  });
  return json(registration(application, authMethod), { status: 201 });
}

/** Builds the response to a registration (RFC 7591, section 3.2.1). */
function registration(
  application: EmulatedApplication,
  authMethod: typeof AUTH_METHODS[number],
): Record<string, unknown> {
  const { clientId, clientSecret, clientUri, imageUrl, name, redirectUris, scopes, createdAt } = application;
  return {
    client_id: clientId,
    ...clientSecret !== null && { client_secret: clientSecret },
    client_id_issued_at: Math.floor(createdAt / 1000),
    client_secret_expires_at: 0,
    client_name: name,
    ...clientUri !== null && { client_uri: clientUri },
    ...imageUrl !== null && { logo_uri: imageUrl },
    redirect_uris: redirectUris,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    scope: scopes.join(" "),
    token_endpoint_auth_method: authMethod,
  };
}

/** The metadata of a client (RFC 7591, section 2). Every method throws if the value is invalid. */
class ClientMetadata {
  readonly #members: Record<string, unknown>;

  constructor({ body }: IncomingRequest) {
    const members = parseJsonObject(body);
    if (!members) throw invalidMetadata("The body is not a JSON object");
    this.#members = members;
  }

  redirectUris(): string[] {
    const { redirect_uris: uris } = this.#members;
    if (Array.isArray(uris) && uris.length > 0 && uris.every(isRedirectUri)) return uris;
    throw new OAuthProblem(
      "invalid_redirect_uri",
      "The 'redirect_uris' must be one or more absolute URIs without a fragment",
    );
  }

  authMethod(): typeof AUTH_METHODS[number] {
    const { token_endpoint_auth_method: given = "client_secret_basic" } = this.#members;
    const method = AUTH_METHODS.find((known) => known === given);
    if (method) return method;
    throw invalidMetadata(`The 'token_endpoint_auth_method' must be one of ${AUTH_METHODS.join(", ")}`);
  }

  scopes(): string[] | undefined {
    const scope = this.text("scope", 1024);
    if (scope === undefined) return undefined;
    const scopes = parseScope(scope);
    if (scopes.every((name) => STANDARD_SCOPES.includes(name))) return scopes;
    throw invalidMetadata("The 'scope' names a scope that does not exist");
  }

  uri(name: string): string | undefined {
    const uri = this.text(name, 1024);
    if (uri === undefined || URL.canParse(uri)) return uri;
    throw invalidMetadata(`The '${name}' must be a URL`);
  }

  text(name: string, maxLength: number): string | undefined {
    const text = this.#members[name] ?? undefined;
    if (text === undefined || (typeof text === "string" && text.length <= maxLength)) return text;
    throw invalidMetadata(`The '${name}' must be a string of at most ${maxLength} characters`);
  }
}

function isRedirectUri(uri: unknown): uri is string {
  return typeof uri === "string" && URL.canParse(uri) && !uri.includes("#");
}

function invalidMetadata(description: string): OAuthProblem {
  return new OAuthProblem("invalid_client_metadata", description);
}

interface Credentials {
  clientId: string | null;
  clientSecret: string | null;
  method: "basic" | "post";
}

/**
 * Authenticates the client that sent the request (RFC 6749, section 2.3): a public one by its `client_id`, a
 * confidential one by its secret in the `Authorization` header or the form.
 *
 * @throws {OAuthProblem} `invalid_client`
 */
export function authenticateClient(
  request: IncomingRequest,
  { form, instance }: { form: URLSearchParams; instance: Instance },
): EmulatedApplication {
  const credentials = readCredentials(request, form);
  const application = instance.applications.get(credentials.clientId ?? "");
  if (!application) throw invalidClient(credentials, "The requested OAuth 2.0 Client does not exist");
  if (application.clientSecret === null) return application;
  if (isSameText(credentials.clientSecret ?? "", application.clientSecret)) return application;
  throw invalidClient(credentials, "Client authentication failed");
}

function readCredentials({ headers }: IncomingRequest, form: URLSearchParams): Credentials {
  const [scheme = "", value = ""] = headers.get("authorization")?.split(" ") ?? [];
  if (scheme.toLowerCase() !== "basic") {
    return { clientId: form.get("client_id"), clientSecret: form.get("client_secret"), method: "post" };
  }
  const basic = decodeBasic(value);
  return { clientId: basic?.[0] ?? null, clientSecret: basic?.[1] ?? null, method: "basic" };
}

/** Both parts are form-encoded (RFC 6749, section 2.3.1). */
function decodeBasic(value: string): [string, string] | undefined {
  try {
    const text = atob(value);
    const colon = text.indexOf(":");
    return colon < 0
      ? undefined
      : [decodeFormPart(text.slice(0, colon)), decodeFormPart(text.slice(colon + 1))];
  } catch {
    // Neither base64 nor form-encoded: no credentials.
    return undefined;
  }
}

function decodeFormPart(part: string): string {
  return decodeURIComponent(part.replaceAll("+", " "));
}

function invalidClient({ method }: Credentials, description: string): OAuthProblem {
  const headers: Record<string, string> = method === "basic"
    ? { "WWW-Authenticate": 'Basic realm="emulator"' }
    : {};
  return new OAuthProblem("invalid_client", description, { status: 401, headers });
}
