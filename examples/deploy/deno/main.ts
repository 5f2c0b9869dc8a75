// Deno Deploy, or `deno serve --allow-net --allow-env main.ts`, with CLERK_SECRET_KEY and CLERK_OAUTH_CLIENT_ID set.
import { type FetchHandler, fetchHandler } from "@clerk/cli-auth/server";

const server: FetchHandler = fetchHandler({ path: "/api/me", healthPath: "/health" });

export default server;
