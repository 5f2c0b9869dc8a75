/** Gets the expired access token at the same moment as other processes. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { ClerkCliAuth } from "@clerk/cli-auth";
import type { MsalPlace, StoredSession } from "../sessions.ts";
import { answerTasks, readArguments } from "./support/tasks.ts";

export type StormName = "own" | "byHand" | "msal";

/** Returns the access token; `null` if nobody is signed in. */
type GetToken = () => Promise<string | null>;

function own({ issuer, clientId }: StoredSession): GetToken {
  const auth = new ClerkCliAuth({ issuer, clientId, storage: "file" });
  return () => auth.getAccessToken();
}

/** Like a program that does not expect others. */
function byHand({ issuer, clientId, path }: StoredSession): GetToken {
  return async () => {
    const { entries } = JSON.parse(await readFile(path, "utf8"));
    const { refreshToken } = JSON.parse(entries.tokens);
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      client_id: clientId,
      refresh_token: refreshToken,
    });
    const answer = await fetch(`${issuer}/oauth/token`, { method: "POST", body });
    return (await answer.json()).access_token;
  };
}

async function msal(place: MsalPlace): Promise<GetToken> {
  const { openMsal } = await import("./support/msal.ts");
  const application = await openMsal(place);
  // MSAL releases its lock twice, which removes another process's lock file. That process then leaves its own handle
  // open, which Bun treats as an error.
  process.on("uncaughtException", (error) => {
    if (!String(error).includes("FileHandle")) throw error;
  });
  return async () => {
    try {
      const [account] = await application.getTokenCache().getAllAccounts();
      // If its file was read while another process wrote it, nobody is signed in.
      if (!account) return null;
      return (await application.acquireTokenSilent({ account, scopes: ["email"] })).accessToken;
    } catch (error) {
      if ((error as { errorCode?: string }).errorCode === "no_account_in_silent_request") return null;
      throw error;
    }
  };
}

const [name, session] = readArguments<[StormName, StoredSession & MsalPlace]>();
await answerTasks(await { own, byHand, msal }[name](session));
