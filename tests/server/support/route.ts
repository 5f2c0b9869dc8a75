import { cliAuth, handle, type HandleOptions, type TokenKind } from "@clerk/cli-auth/server";
import { createSoloClient, type SoloClient } from "./solo_client.ts";

export const USER = "user_2abcdefghijklmnopqrstuvwxyz";
export const ORGANIZATION = "org_2abcdefghijklmnopqrstuvwxyz";

/** A route under test. */
export interface TestRoute {
  client: SoloClient;
  /** What was reported to `onError`. */
  errors: unknown[];
  ask(token?: string, init?: RequestInit): Promise<Response>;
}

/** Makes a route over a client that knows an API key of a user and of an organization, and an access token. */
export function createRoute(options: Partial<HandleOptions<TokenKind, SoloClient>> = {}): TestRoute {
  const client = createSoloClient({
    ak_user: {
      id: "ak_1",
      subject: USER,
      scopes: ["notes:read"],
      claims: { sub: "user_mallory", plan: "pro" },
    },
    ak_org: { id: "ak_2", subject: ORGANIZATION, scopes: [], claims: null, orgId: ORGANIZATION },
    oat_user: { id: "oat_1", subject: USER, scopes: ["profile"], clientId: "client-1" },
  });
  const errors: unknown[] = [];
  const route = handle({
    auth: cliAuth({ client }),
    onError: (error) => void errors.push(error),
    ...options,
  });
  return { client, errors, ask: (token?: string, init?: RequestInit) => route(requestFor(token, init)) };
}

/** A request, with a bearer token or without. */
export function requestFor(token?: string, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  return new Request("https://api.example.com/me", { ...init, headers });
}
