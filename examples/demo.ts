/**
 * From sign-in to sign-out, on a Clerk emulator that runs in this process. A scripted browser walks the pages if there
 * is no browser, if nobody uses it in time, or with `--auto`.
 *
 * @module
 */
import { ClerkCliAuth, type ClerkCliAuthConfig, EXIT_CODE, isClerkCliAuthError } from "@clerk/cli-auth";
import { cliAuth } from "@clerk/cli-auth/server";
import { createEmulator, createScriptedBrowser, type Emulator } from "@clerk/cli-auth/testing";
import { notesBackend } from "./notes/backend.ts";
import { notes } from "./notes/cli.ts";

/** How long a person has before the scripted browser takes over. */
const PERSON_MS = 20_000;

/** What the demo does once signed in, and how each command must end. */
const STEPS: readonly (readonly [command: string, exitCode: number, what: string])[] = [
  ["whoami", EXIT_CODE.SUCCESS, "The issuer says who signed in:"],
  ["add Buy milk", EXIT_CODE.SUCCESS, "The backend verifies the token and stores a note for this account:"],
  ["list", EXIT_CODE.SUCCESS, "And returns it:"],
  [
    "refresh",
    EXIT_CODE.SUCCESS,
    "The refresh token gets a new access token, as happens automatically when one expires:",
  ],
  ["status", EXIT_CODE.SUCCESS, "The current status:"],
  ["logout", EXIT_CODE.SUCCESS, "The grant is revoked and the stored tokens are removed:"],
  ["list", EXIT_CODE.GENERAL, "So nobody is signed in:"],
];

async function demo(isAutomatic: boolean): Promise<number> {
  const emulator = createEmulator();
  const { issuer, close } = await emulator.listen();
  const backend = startBackend(emulator, issuer);
  const api = `http://127.0.0.1:${backend.addr.port}`;
  const directory = await Deno.makeTempDir({ prefix: "notes-" });
  Deno.env.set("XDG_CONFIG_HOME", directory);
  say(`An emulator of Clerk runs at ${issuer}. ${emulator.user.email} has an account there.`);
  try {
    const { clientId } = emulator.application;
    const auth = await signIn(
      { clientId, issuer, appName: "Notes", identityEndpoint: `${api}/me`, storage: "file" },
      { isAutomatic, api },
    );
    for (const [command, exitCode, what] of STEPS) {
      say(what);
      if (await step(command, auth, api) !== exitCode) return EXIT_CODE.GENERAL;
    }
    say("That was everything: signed in, called a backend, refreshed, signed out.");
    return EXIT_CODE.SUCCESS;
  } finally {
    await Promise.all([close(), backend.shutdown()]);
    await Deno.remove(directory, { recursive: true });
  }
}

function startBackend({ secretKey, application }: Emulator, issuer: string): Deno.HttpServer<Deno.NetAddr> {
  const { fetch } = notesBackend(cliAuth({
    clientConfig: { secretKey, apiUrl: issuer, telemetry: { disabled: true } },
    clientIds: [application.clientId],
  }));
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => fetch(request));
}

/** Signs in with the user's browser, or else with the scripted one. */
async function signIn(
  config: ClerkCliAuthConfig,
  { isAutomatic, api }: { isAutomatic: boolean; api: string },
): Promise<ClerkCliAuth> {
  if (!isAutomatic && Deno.stderr.isTerminal() && await signInByHand(config)) return new ClerkCliAuth(config);
  say("A scripted browser walks through the sign-in and consent pages:");
  const auth = new ClerkCliAuth({ ...config, openBrowser: createScriptedBrowser().opener(), ui: "none" });
  if (await step("login", auth, api) !== EXIT_CODE.SUCCESS) {
    throw new Error("The scripted browser could not sign in");
  }
  return auth;
}

async function signInByHand(config: ClerkCliAuthConfig): Promise<boolean> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PERSON_MS);
  const auth = new ClerkCliAuth({
    ...config,
    onEvent: (event) => event.type === "browser" && !event.opened && giveUp.abort(),
  });
  say(`Sign in with your browser; after ${PERSON_MS / 1000} seconds, a scripted browser does it for you.`);
  try {
    const { user } = await auth.login({ signal: giveUp.signal });
    console.log(`Hello, ${user.name}.`);
    return true;
  } catch (error) {
    if (isClerkCliAuthError(error) && giveUp.signal.aborted) return false;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function step(command: string, auth: ClerkCliAuth, api: string): Promise<number> {
  if (command === "refresh") return await refresh(auth);
  console.log(`$ notes ${command}`);
  return await notes(command.split(" "), auth, api);
}

async function refresh(auth: ClerkCliAuth): Promise<number> {
  console.log("> await auth.getAccessToken({ forceRefresh: true })");
  const before = await auth.getTokenSet();
  const token = await auth.getAccessToken({ forceRefresh: true });
  const isNew = token !== null && token !== before?.accessToken;
  console.log(isNew ? "A new access token." : "No new access token.");
  return isNew ? EXIT_CODE.SUCCESS : EXIT_CODE.GENERAL;
}

function say(text: string): void {
  console.log(`\n${text}`);
}

if (import.meta.main) {
  const ended = demo(Deno.args.includes("--auto")).catch((error) => {
    if (!isClerkCliAuthError(error)) throw error;
    console.error(`${error.message}.`);
    return error.exitCode;
  });
  Deno.exit(await ended);
}
