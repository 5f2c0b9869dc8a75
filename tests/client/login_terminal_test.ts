import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { loginTerminal, openContext, resolveConfig } from "../doors/client.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";

const URL = "https://clerk.example.com/oauth/authorize?state=x";

/** What is shown on a terminal from the address to the end of the login. */
async function shownOn(options: FakeRuntimeOptions, ui: "auto" | "none" = "auto"): Promise<string> {
  const runtime = await createFakeRuntime({ platform: "linux", ...options });
  const config = resolveConfig({
    clientId: "client",
    issuer: "https://clerk.example.com",
    storage: "memory",
    appName: "Notes",
    ui,
  });
  const terminal = loginTerminal(await openContext(config, runtime));
  terminal.showUrl(URL);
  terminal.warn("No browser was opened: this is a test.");
  terminal.showOpened();
  terminal.close();
  return runtime.written;
}

describe("loginTerminal()", () => {
  it("shows the address as a link, and a line that it takes away", async () => {
    const shown = await shownOn({ isInteractive: true, env: { TERM: "xterm-256color" } });
    assertStringIncludes(shown, `\n\n\x1b]8;;${URL}\x1b\\${URL}\x1b]8;;\x1b\\\n\n`);
    assertStringIncludes(shown, "\x1b[1mSign in to Notes in your browser:\x1b[22m");
    assertStringIncludes(shown, "2:00 left");
    assertEquals(shown.endsWith("\r\x1b[J"), true);
  });

  it("shows neither a colour nor a link with NO_COLOR", async () => {
    const shown = await shownOn({ isInteractive: true, env: { TERM: "xterm-256color", NO_COLOR: "1" } });
    assertStringIncludes(shown, `Sign in to Notes in your browser:\n\n${URL}\n\n`);
    assertFalse(shown.includes("\x1b]8"));
    // deno-lint-ignore no-control-regex -- it is about them
    assertFalse(/\x1b\[\d+m/.test(shown));
  });

  for (const TERM of ["dumb", ""]) {
    it(`shows plain lines, and none twice, on a terminal of the kind "${TERM}"`, async () => {
      const shown = await shownOn({ isInteractive: true, env: { TERM, NO_COLOR: "1" } });
      assertEquals(
        shown,
        `Sign in to Notes in your browser:\n\n${URL}\n\nWaiting for you to sign in …\n` +
          "! No browser was opened: this is a test.\n",
      );
    });
  }

  it("shows a single line, without the address, where there is no terminal", async () => {
    assertEquals(await shownOn({}), "Opened a browser to sign in to Notes\n");
  });

  it("shows nothing where nobody asked for it", async () => {
    assertEquals(await shownOn({ isInteractive: true, env: { TERM: "xterm" } }, "none"), "");
    assertEquals(await shownOn({}, "none"), "");
  });
});
