import { isSameText } from "../../core/encoding.ts";
import { ClerkProblem } from "../http.ts";
import { jwks } from "../issuer/endpoints.ts";
import type { Handler, Route } from "../serve.ts";
import {
  createApiKey,
  deleteApiKey,
  listApiKeys,
  revokeApiKey,
  showApiKey,
  showApiKeySecret,
  updateApiKey,
} from "./api_keys.ts";
import { createMachine, deleteMachine, listMachines, showMachine, updateMachine } from "./machines.ts";
import { createMembership, listMemberships, listMembershipsOfUser } from "./memberships.ts";
import {
  createOAuthApplication,
  deleteOAuthApplication,
  listOAuthApplications,
  revokeOAuthToken,
  showOAuthApplication,
  showOAuthSettings,
  updateOAuthApplication,
  updateOAuthSettings,
} from "./oauth_applications.ts";
import {
  createOrganization,
  deleteOrganization,
  listOrganizations,
  showOrganization,
  updateOrganization,
} from "./organizations.ts";
import { countUsers, createUser, deleteUser, listUsers, showUser, updateUser } from "./users.ts";
import { verifyAccessToken, verifyApiKey } from "./verify.ts";

/** The endpoints of the Backend API. */
export type BackendApiEndpoint =
  | "backend_jwks"
  | "verify_api_key"
  | "verify_access_token"
  | "oauth_applications"
  | "api_keys"
  | "users"
  | "organizations"
  | "memberships"
  | "machines"
  | "instance_settings";

const ROUTES: readonly Route<BackendApiEndpoint>[] = [
  { endpoint: "backend_jwks", path: "/jwks", methods: { GET: jwks } },
  { endpoint: "verify_api_key", path: "/api_keys/verify", methods: { POST: verifyApiKey } },
  {
    endpoint: "verify_access_token",
    path: "/oauth_applications/access_tokens/verify",
    methods: { POST: verifyAccessToken },
  },
  {
    endpoint: "oauth_applications",
    path: "/oauth_applications",
    methods: { GET: listOAuthApplications, POST: createOAuthApplication },
  },
  {
    endpoint: "oauth_applications",
    path: "/oauth_applications/:id",
    methods: { GET: showOAuthApplication, PATCH: updateOAuthApplication, DELETE: deleteOAuthApplication },
  },
  {
    endpoint: "oauth_applications",
    path: "/oauth_applications/:id/revoke_token",
    methods: { POST: revokeOAuthToken },
  },
  { endpoint: "api_keys", path: "/api_keys", methods: { GET: listApiKeys, POST: createApiKey } },
  {
    endpoint: "api_keys",
    path: "/api_keys/:id",
    methods: { GET: showApiKey, PATCH: updateApiKey, DELETE: deleteApiKey },
  },
  { endpoint: "api_keys", path: "/api_keys/:id/revoke", methods: { POST: revokeApiKey } },
  { endpoint: "api_keys", path: "/api_keys/:id/secret", methods: { GET: showApiKeySecret } },
  { endpoint: "users", path: "/users", methods: { GET: listUsers, POST: createUser } },
  { endpoint: "users", path: "/users/count", methods: { GET: countUsers } },
  {
    endpoint: "users",
    path: "/users/:id",
    methods: { GET: showUser, PATCH: updateUser, DELETE: deleteUser },
  },
  {
    endpoint: "memberships",
    path: "/users/:id/organization_memberships",
    methods: { GET: listMembershipsOfUser },
  },
  {
    endpoint: "organizations",
    path: "/organizations",
    methods: { GET: listOrganizations, POST: createOrganization },
  },
  {
    endpoint: "organizations",
    path: "/organizations/:id",
    methods: { GET: showOrganization, PATCH: updateOrganization, DELETE: deleteOrganization },
  },
  {
    endpoint: "memberships",
    path: "/organizations/:id/memberships",
    methods: { GET: listMemberships, POST: createMembership },
  },
  { endpoint: "machines", path: "/machines", methods: { GET: listMachines, POST: createMachine } },
  {
    endpoint: "machines",
    path: "/machines/:id",
    methods: { GET: showMachine, PATCH: updateMachine, DELETE: deleteMachine },
  },
  {
    endpoint: "instance_settings",
    path: "/instance/oauth_application_settings",
    methods: { GET: showOAuthSettings, PATCH: updateOAuthSettings },
  },
];

/**
 * The paths of the Backend API, with and without `/v1`, because `@clerk/backend` uses both. All need the
 * secret key.
 */
export const BACKEND_API_ROUTES: readonly Route<BackendApiEndpoint>[] = ROUTES.flatMap((route) => {
  const methods = Object.fromEntries(
    Object.entries(route.methods).map(([name, handler]: [string, Handler]) => [name, withSecretKey(handler)]),
  );
  return ["", "/v1"].map((prefix) => ({ ...route, path: prefix + route.path, methods }));
});

/** Requires the instance's secret key. */
function withSecretKey(handler: Handler): Handler {
  return (request, instance, parameters) => {
    const [scheme = "", secretKey = ""] = request.headers.get("authorization")?.split(" ") ?? [];
    if (scheme.toLowerCase() === "bearer" && isSameText(secretKey, instance.secretKey)) {
      return handler(request, instance, parameters);
    }
    throw new ClerkProblem(401, "clerk_key_invalid", "The provided Clerk secret key is invalid");
  };
}
