/**
 * Starts the tool: `deno run -A main.ts login`. The client id and issuer are those of your OAuth application.
 *
 * @module
 */
import process from "node:process";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { notes } from "./cli.ts";

const {
  NOTES_CLIENT_ID: clientId = "your-client-id",
  NOTES_ISSUER: issuer = "https://your-app.clerk.accounts.dev",
  NOTES_API: api = "http://127.0.0.1:8000",
} = process.env;

const auth = new ClerkCliAuth({
  profileEnvVar: "NOTES_PROFILE",
  profileFile: ".notes-profile",
  clientId,
  issuer,
  appName: "Notes",
  identityEndpoint: `${api}/me`,
  tokenEnvVar: "NOTES_TOKEN",
});

process.exitCode = await notes(process.argv.slice(2), auth, api);
