/** Refreshes the access token at the moment when others do, as a program does that thinks of itself alone. */
import { readFile } from "node:fs/promises";
import { finish, readArguments } from "./support/arguments.ts";
import { eachStart } from "./support/barrier.ts";

interface Session {
  issuer: string;
  clientId: string;
  path: string;
}

const [{ issuer, clientId, path }] = readArguments<[Session]>();

async function refresh(): Promise<string> {
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

for await (const _ of eachStart()) finish(await refresh());
