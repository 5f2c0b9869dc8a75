import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { once } from "node:events";
import { createEmulator, createScriptedBrowser, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { canRunOn, OWN_RUNTIME, startProgram } from "../harness/program.ts";
import { isListening } from "../harness/raw_request.ts";
import { itWith, type Requirement } from "../harness/requirement.ts";
import { PSEUDO_TERMINAL, startInTerminal, type TerminalSession } from "../runtime/pseudo_terminal.ts";

const PROGRAMS = canRunOn(OWN_RUNTIME);
const NEEDED: Requirement = { missing: PSEUDO_TERMINAL.missing ?? PROGRAMS.missing };

/** As over SSH: a capable terminal, and no browser. */
const SSH = { TERM: "xterm-256color", SSH_CONNECTION: "1 2 3 4", BROWSER: undefined, NO_COLOR: undefined };

const ESC = "\x1b";
const CLEARED = `\r${ESC}[J`;

const emulator = createEmulator({
  behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque", deviceGrant: false },
});
let server: ListeningEmulator;

beforeEach(async () => {
  server = await emulator.listen();
});
afterEach(() => server.close());

function args(): string[] {
  const config = { issuer: server.issuer, clientId: "emulator-cli", appName: "Notes", ui: "auto" };
  return [JSON.stringify(config), "--own-browser"];
}

/** Starts a login in a terminal and waits until it waits for the user; returns the URL that it shows. */
async function startLogin(): Promise<{ session: TerminalSession; url: string }> {
  const session = startInTerminal("sign_in", { args: args(), env: SSH });
  await session.waitFor("or to paste the URL");
  await session.untilHidden();
  const [, url = ""] = /^open (\S+)\r$/m.exec(session.screen()) ?? [];
  return { session, url };
}

/** The status line, as last drawn in full, without its style. */
function lastDrawing(session: TerminalSession): string {
  const drawn = session.screen().split(CLEARED).at(-2) ?? "";
  return drawn.replaceAll(`${ESC}[2m`, "").replaceAll(`${ESC}[22m`, "");
}

/** The URL where the browser of a user at another machine ends up. */
async function callbackOf(url: string): Promise<string> {
  return (await createScriptedBrowser().signIn(url, { visitCallback: false })).url;
}

describe("login() in a terminal", () => {
  itWith(NEEDED, "shows the URL alone on a line, unwrapped, as a link", async () => {
    const { session, url } = await startLogin();
    assertStringIncludes(
      session.screen(),
      `\r\n\r\n${ESC}]8;;${url}${ESC}\\${url}${ESC}]8;;${ESC}\\\r\n\r\n`,
    );
    session.type("\x03");
    await session.ended;
  });

  itWith(NEEDED, "accepts the pasted URL, and shows none of it", async () => {
    const { session, url } = await startLogin();
    const callback = await callbackOf(url);
    session.type("nonsense\r");
    await session.waitFor("neither a URL nor CODE#STATE");
    await session.untilHidden();
    session.type(callback.replace(/state=[^&]*/, "state=wrong") + "\r");
    await session.waitFor("belongs to another sign-in");
    await session.untilHidden();
    session.type(`${ESC}[200~${callback}${ESC}[201~\r`);
    await session.waitFor("signed in as");
    const shown = await session.ended;
    assertStringIncludes(shown, "[exit 0]\r\n[restored]");
    for (const secret of ["nonsense", new URL(callback).searchParams.get("code")!]) {
      assertFalse(shown.includes(secret));
    }
    assertStringIncludes(shown, `${CLEARED}signed in as ada@example.com`);
  });

  itWith(NEEDED, "accepts code#state, too", async () => {
    const { session, url } = await startLogin();
    const { searchParams } = new URL(await callbackOf(url));
    session.type(`${searchParams.get("code")}#${searchParams.get("state")}\r`);
    await session.waitFor("signed in as");
    assertStringIncludes(await session.ended, "[exit 0]\r\n[restored]");
  });

  itWith(NEEDED, "completes if the browser reaches it before anything is pasted", async () => {
    const { session, url } = await startLogin();
    session.type("half an addr");
    await createScriptedBrowser().signIn(url);
    await session.waitFor("signed in as");
    assertStringIncludes(await session.ended, "[exit 0]\r\n[restored]");
  });

  itWith(NEEDED, "is ended by Ctrl-C: exit code 130, the terminal restored, the port closed", async () => {
    const { session, url } = await startLogin();
    const port = Number(new URL(new URL(url).searchParams.get("redirect_uri")!).port);
    assert(await isListening(port));
    session.type("begun\x03");
    const shown = await session.ended;
    assertStringIncludes(shown, "failed with cancelled\r\n[exit 130]\r\n[restored]");
    assertFalse(shown.includes("begun"));
    assertFalse(await isListening(port));
  });

  itWith(NEEDED, "fits a terminal that becomes narrower, and then wider", async () => {
    const { session, url } = await startLogin();
    for (const [columns, end] of [[30, "sign"], [20, "for you"], [120, "left"]] as const) {
      session.resize(columns);
      await session.waitUntil(() => {
        const drawn = lastDrawing(session);
        return drawn.length < columns && drawn.includes(end);
      });
    }
    await createScriptedBrowser().signIn(url);
    assertStringIncludes(await session.ended, "[exit 0]\r\n[restored]");
  });
});

describe("login() without a terminal", () => {
  itWith(PROGRAMS, "fails at once without a browser, and writes nothing", async () => {
    const { ended } = startProgram("sign_in", { args: args(), env: SSH });
    const { code, stdout, stderr } = await ended;
    assertEquals([code, stderr], [1, ""]);
    assertMatch(stdout, /^open \S+\nfailed with no_browser\n$/);
  });

  itWith(PROGRAMS, "shows the URL on standard error, even if a browser was opened", async () => {
    const env = { ...SSH, SSH_CONNECTION: undefined, BROWSER: "true" };
    const program = startProgram("sign_in", { args: args(), env });
    const [, url = ""] = await program.waitForOutput(/^open (\S+)$/m);
    if (program.stderr() === "") await once(program.child.stderr!, "data");
    await createScriptedBrowser().signIn(url);
    const { code, stdout, stderr } = await program.ended;
    assertEquals([code, stderr.split("\n").includes(url)], [0, true]);
    assertStringIncludes(stderr, "Opening your browser to sign in to Notes.");
    assertMatch(stdout, /^open \S+\nsigned in as ada@example\.com\n$/);
  });
});
