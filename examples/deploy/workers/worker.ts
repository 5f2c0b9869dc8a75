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
  CLERK_OAUTH_CLIENT_ID: string;
  TOKENS: WorkersKvLike;
}

const worker: FetchHandler = fetchHandler({
  path: "/api/me",
  healthPath: "/health",
  // A revoked API key is still accepted for up to a minute.
  auth: (env: Env) => cliAuth({ env, cache: { ttlMs: 60_000, store: workersKvCache(env.TOKENS) } }),
});

export default worker;
