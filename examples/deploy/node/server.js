// `node server.js`, with CLERK_SECRET_KEY, CLERK_OAUTH_CLIENT_ID and PORT set. @hono/node-server connects Fetch API
// handlers to node:http.
import { serve } from "@hono/node-server";
import { fetchHandler } from "@clerk/cli-auth/server";

const { fetch } = fetchHandler({ path: "/api/me", healthPath: "/health" });

serve({ fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`Listening on http://127.0.0.1:${port}/`);
});
