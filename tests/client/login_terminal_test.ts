import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { loginTerminal, openContext, resolveConfig } from "../doors/client.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";

const URL = "https://clerk.example.com/oauth/authorize?state=x";

/** Returns what a terminal shows from the URL to the end of the login. */
async function shownOn(
  options: FakeRuntimeOptions,
  { ui = "auto", opensBrowser = true }: { ui?: "auto" | "none"; opensBrowser?: boolean } = {},
): Promise<string> {
  const runtime = await createFakeRuntime({ platform: "linux", ...options });
  const config = resolveConfig({
    clientId: "client",
    issuer: "https://clerk.example.com",
    storage: "memory",
    appName: "Notes",
    ui,
  });
  const terminal = loginTerminal(await openContext(config, runtime));
  terminal.showUrl(URL, { opensBrowser });
  terminal.warn("No browser was opened: this is a test.");
  terminal.close();
  return runtime.written;
}

describe("loginTerminal()", () => {
  it("shows the URL as a link, and a line that it removes again", async () => {
    const shown = await shownOn({ isInteractive: true, env: { TERM: "xterm-256color" } });
    assertStringIncludes(shown, `\n\n\x1b]8;;${URL}\x1b\\${URL}\x1b]8;;\x1b\\\n\n`);
    assertStringIncludes(
      shown,
      "\x1b[1mOpening your browser to sign in to Notes. If it does not open, go to:\x1b[22m",
    );
    assertStringIncludes(shown, "2:00 left");
    assertEquals(shown.endsWith("\r\x1b[J"), true);
  });

  it("shows neither colours nor links with NO_COLOR", async () => {
    const shown = await shownOn({ isInteractive: true, env: { TERM: "xterm-256color", NO_COLOR: "1" } });
    assertStringIncludes(shown, `sign in to Notes. If it does not open, go to:\n\n${URL}\n\n`);
    assertFalse(shown.includes("\x1b]8"));
    // deno-lint-ignore no-control-regex -- it is about them
    assertFalse(/\x1b\[\d+m/.test(shown));
  });

  for (const TERM of ["dumb", ""]) {
    it(`shows plain lines, and none twice, on a terminal with TERM="${TERM}"`, async () => {
      const here = { isInteractive: true, env: { TERM, NO_COLOR: "1" } };
      assertEquals(
        await shownOn(here, { opensBrowser: false }),
        `To sign in to Notes, open this URL in a browser:\n\n${URL}\n\nWaiting for you to sign in …\n` +
          "! No browser was opened: this is a test.\n",
      );
    });
  }

  it("shows the URL without a terminal, too, if a browser is opened", async () => {
    assertEquals(
      await shownOn({}),
      `Opening your browser to sign in to Notes. If it does not open, go to:\n\n${URL}\n\n` +
        "Waiting up to 2 minutes for you to sign in …\n",
    );
    assertEquals(await shownOn({}, { opensBrowser: false }), "");
  });

  it("shows nothing if nobody asked for it", async () => {
    assertEquals(await shownOn({ isInteractive: true, env: { TERM: "xterm" } }, { ui: "none" }), "");
    assertEquals(await shownOn({}, { ui: "none" }), "");
  });
});
