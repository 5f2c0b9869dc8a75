import type { AuthenticateRequestOptions, ClerkClientLike } from "@clerk/cli-auth/server";

/** What a {@linkcode SoloClient} says about a token. */
export type Verdict = Record<string, unknown> | (() => Promise<Record<string, unknown>>);

/** A client with only `authenticateRequest`, whose verdicts the test decides. */
export interface SoloClient extends ClerkClientLike {
  verdicts: Map<string, Verdict>;
  calls: { token: string; options: AuthenticateRequestOptions | undefined }[];
}

/** Makes a client. A token without a verdict is one that Clerk does not know. */
export function createSoloClient(verdicts: Record<string, Verdict> = {}): SoloClient {
  const client: SoloClient = {
    verdicts: new Map(Object.entries(verdicts)),
    calls: [],
    async authenticateRequest(request, options) {
      const token = request.headers.get("authorization")?.slice("Bearer ".length) ?? "";
      client.calls.push({ token, options });
      const verdict = client.verdicts.get(token);
      const auth = typeof verdict === "function" ? await verdict() : verdict;
      if (auth) return { isAuthenticated: true, toAuth: () => auth };
      return { isAuthenticated: false, reason: "token-invalid", message: "not found", toAuth: () => null };
    },
  };
  return client;
}

/** A client whose every verification fails in one way. */
export function createFailingClient(fail: () => never | Promise<never>): ClerkClientLike {
  return { authenticateRequest: async () => await fail() };
}
