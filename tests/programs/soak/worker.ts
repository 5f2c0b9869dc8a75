/** Uses some accounts at random, like the commands of a tool, until its input ends. */
import process from "node:process";
import { ClerkCliAuth, isClerkCliAuthError } from "@clerk/cli-auth";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import type { Account } from "../../soak/account.ts";
import type { OperationName, OperationResult, WorkerLine } from "../../soak/operation.ts";

/** How often each is done, in percent. */
const MIX: Readonly<Record<OperationName, number>> = {
  token: 62,
  renew: 20,
  whoami: 12,
  login: 5,
  logout: 1,
};

const MAX_PAUSE_MS = 60;

const { issuer, accounts }: { issuer: string; accounts: Account[] } = JSON.parse(process.argv[2] ?? "{}");
const clients = accounts.map((account) => ({ account, auth: clientOf(account) }));
let happened: Pick<OperationResult, "ended"> = {};
let isOver = false;
process.stdin.on("end", () => isOver = true).resume();

while (!isOver) {
  const { account, auth } = clients[Math.floor(Math.random() * clients.length)]!;
  const name = anyOperation();
  await say({ begin: name, clientId: account.clientId, at: Date.now() });
  await say({ end: await tryIt(auth, name), at: Date.now() });
  await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_PAUSE_MS));
}

function clientOf({ clientId, email }: Account): ClerkCliAuth {
  return new ClerkCliAuth({
    clientId,
    issuer,
    storage: "file",
    requestTimeoutMs: 5_000,
    loginTimeoutMs: 10_000,
    ui: "none",
    // A browser of its own each time: it remembers nobody.
    openBrowser: (url) => createScriptedBrowser().opener({ email })(url),
    onEvent: (event) => {
      if (event.type === "session_ended") happened = { ended: event.reason };
    },
  });
}

function anyOperation(): OperationName {
  let left = Math.random() * 100;
  const names = Object.keys(MIX) as OperationName[];
  return names.find((name) => (left -= MIX[name]) < 0) ?? "token";
}

async function tryIt(auth: ClerkCliAuth, name: OperationName): Promise<OperationResult> {
  happened = {};
  try {
    return { sub: await doIt(auth, name), ...happened };
  } catch (error) {
    if (!isClerkCliAuthError(error)) throw error;
    return { error: error.code, message: error.message, ...happened };
  }
}

/** Gives whose token or identity there is; `null` for nobody. */
async function doIt(auth: ClerkCliAuth, name: OperationName): Promise<string | null> {
  if (name === "login") return (await auth.login()).user.sub;
  if (name === "logout") return (await auth.logout(), null);
  if (name === "whoami") return (await auth.whoami())?.sub ?? null;
  const forceRefresh = name === "renew";
  const token = await auth.getAccessToken({ forceRefresh, minValidityMs: Math.random() * 1_000 });
  return token && subjectOf(token);
}

/** The subject that a JWT names. */
function subjectOf(token: string): string {
  const claims = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(claims)).sub;
}

/** What was said has left this process when this resolves: whoever kills it then knows what it was at. */
function say(line: WorkerLine): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve());
  });
}
