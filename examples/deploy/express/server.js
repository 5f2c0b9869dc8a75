// `node server.js`, with CLERK_SECRET_KEY, CLERK_OAUTH_CLIENT_ID and PORT set. @hono/node-server connects Fetch API
// handlers to Express.
import { getRequestListener } from "@hono/node-server";
import { cliAuth, handle } from "@clerk/cli-auth/server";
import express from "express";

const app = express();
const auth = cliAuth();
const me = getRequestListener(handle({ auth }));

app.all("/api/me", (request, response) => me(request, response));
app.get("/health", (_request, response) => {
  response.json({ status: "ok" });
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : address;
  console.log(`Listening on http://127.0.0.1:${port}/`);
});
