// `bun server.ts`, with CLERK_SECRET_KEY, CLERK_OAUTH_CLIENT_ID and PORT set.
import { type FetchHandler, fetchHandler } from "@clerk/cli-auth/server";

// Outside of development, Bun does not show its own error pages.
const server: FetchHandler & { development: boolean } = {
  ...fetchHandler({ path: "/api/me", healthPath: "/health" }),
  development: false,
};

export default server;
