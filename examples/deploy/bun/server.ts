// `bun server.ts`, with CLERK_SECRET_KEY, CLERK_OAUTH_CLIENT_ID and PORT set.
import { type FetchHandler, fetchHandler } from "@clerk/cli-auth/server";

// Bun shows error pages of its own unless it is told that this is no development.
const server: FetchHandler & { development: boolean } = {
  ...fetchHandler({ path: "/api/me", healthPath: "/health" }),
  development: false,
};

export default server;
