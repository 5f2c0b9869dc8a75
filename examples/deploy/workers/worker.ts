// Cloudflare Workers: `wrangler secret put CLERK_SECRET_KEY`, then `wrangler deploy`.
import {
  cliAuth,
  type FetchHandler,
  fetchHandler,
  workersKvCache,
  type WorkersKvLike,
} from "@clerk/cli-auth/server";

/** The bindings of wrangler.jsonc. */
interface Env {
  CLERK_SECRET_KEY: string;
  CLERK_API_URL?: string;
  CLERK_OAUTH_CLIENT_ID: string;
  TOKENS: WorkersKvLike;
}

const worker: FetchHandler = fetchHandler({
  path: "/api/me",
  healthPath: "/health",
  auth: (env: Env) =>
    cliAuth({
      clientConfig: {
        secretKey: env.CLERK_SECRET_KEY,
        ...(env.CLERK_API_URL && { apiUrl: env.CLERK_API_URL }),
      },
      clientIds: [env.CLERK_OAUTH_CLIENT_ID],
      // An API key that is revoked is still taken for up to a minute.
      cache: { ttlMs: 60_000, store: workersKvCache(env.TOKENS) },
    }),
});

export default worker;
