/** Asks for the access token, which has expired, at the moment when others do. */
import { readFile } from "node:fs/promises";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { finish, readArguments } from "./support/arguments.ts";
import { waitForStart } from "./support/barrier.ts";

interface Session {
  issuer: string;
  clientId: string;
  path: string;
}

const [{ issuer, clientId, path }, isOwn] = readArguments<[Session, boolean]>();
const auth = new ClerkCliAuth({ issuer, clientId, storage: "file" });

async function refreshByHand(): Promise<string> {
  const { entries } = JSON.parse(await readFile(path, "utf8"));
  const { refreshToken } = JSON.parse(entries.tokens);
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: clientId,
    refresh_token: refreshToken,
  });
  const answer = await fetch(`${issuer}/oauth/token`, { method: "POST", body });
  return (await answer.json()).access_token;
}

await waitForStart();
finish(isOwn ? await auth.getAccessToken() : await refreshByHand());
