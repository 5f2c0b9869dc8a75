import { isSameText } from "../../core/encoding.ts";
import type { EmulatedApplication } from "../entities.ts";
import { type IncomingRequest, OAuthProblem } from "../http.ts";
import type { Instance } from "../instance.ts";

interface Credentials {
  clientId: string | null;
  clientSecret: string | null;
  method: "basic" | "post";
}

/**
 * Finds the client that sent the request (RFC 6749, section 2.3): a public one by its `client_id`, a confidential one by
 * its secret, in the `Authorization` header or in the form.
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

/** Both parts are form-encoded inside (RFC 6749, section 2.3.1). */
function decodeBasic(value: string): [string, string] | undefined {
  try {
    const text = atob(value);
    const colon = text.indexOf(":");
    return colon < 0
      ? undefined
      : [decodeFormPart(text.slice(0, colon)), decodeFormPart(text.slice(colon + 1))];
  } catch {
    // Neither base64 nor form encoding: no credentials.
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
