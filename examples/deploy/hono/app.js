// A Hono application, for every runtime that Hono supports. On Workers, take the keys from `c.env` with fetchHandler().
import { cliAuth, handle } from "@clerk/cli-auth/server";
import { Hono } from "hono";

const app = new Hono();
const auth = cliAuth();
const me = handle({ auth });

app.all("/api/me", (c) => me(c.req.raw));
app.get("/health", (c) => c.json({ status: "ok" }));

export default app;
