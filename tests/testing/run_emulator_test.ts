import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { createEmulator, createScriptedBrowser, runEmulator } from "@clerk/cli-auth/testing";
import { deferred } from "../server/support/deferred.ts";

/** Starts the program. */
function start(...args: string[]) {
  const ending = new AbortController();
  const running = deferred<void>();
  let output = "";
  const stream = {
    write(text: string) {
      output += text;
      if (text.includes("Ctrl-C")) running.resolve();
    },
  };
  const exitCode = runEmulator(["emulator", ...args], {
    stdout: stream,
    stderr: stream,
    signal: ending.signal,
  });
  return { exitCode, isRunning: running.promise, output: () => output, stop: () => ending.abort() };
}

describe("runEmulator()", () => {
  it("prints a working client ID and issuer, and ends when told to", async () => {
    const { exitCode, isRunning, output, stop } = start("--port", "0", "--users", "bob@example.com");
    await isRunning;
    const [, clientId = "", issuer = ""] = /clientId: "(.+)",\n +issuer: "(.+)"/.exec(output()) ?? [];
    assertStringIncludes(output(), `export CLERK_API_URL=${issuer}\nexport CLERK_SECRET_KEY=sk_test_`);
    assertStringIncludes(output(), `export CLERK_OAUTH_CLIENT_ID=${clientId}\n`);
    const openBrowser = createScriptedBrowser().opener({ email: "bob@example.com" });
    const auth = new ClerkCliAuth({ clientId, issuer, storage: "memory", openBrowser });
    assertEquals((await auth.login()).user.email, "bob@example.com");
    stop();
    assertEquals(await exitCode, 0);
  });

  it("asks for another port if its own is in use", async () => {
    const { port, close } = await createEmulator().listen();
    const { exitCode, output } = start("--port", String(port));
    assertEquals(await exitCode, 2);
    assertStringIncludes(output(), `Port ${port} is in use: choose another with --port.`);
    await close();
  });

  it("rejects an invalid port", async () => {
    for (const port of ["65536", "-1", "http"]) assertEquals(await start(`--port=${port}`).exitCode, 2, port);
  });

  it("shows its help", async () => {
    const { exitCode, output } = start("--help");
    assertEquals(await exitCode, 0);
    assertMatch(output(), /^Usage: emulator [^]+--users A,B/);
  });
});

describe("the home page of the emulator", () => {
  it("shows the lines to paste, the users, the applications and the latest requests", async () => {
    const emulator = createEmulator();
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    await emulator.fetch(new Request("http://127.0.0.1:8788/.well-known/jwks.json"));
    await browser.open("http://127.0.0.1:8788/");
    const { body } = await browser.open("http://127.0.0.1:8788/");
    assertStringIncludes(body, "issuer: &quot;http://127.0.0.1:8788&quot;");
    assertStringIncludes(body, `export CLERK_SECRET_KEY=${emulator.secretKey}\n`);
    for (const text of ["ada@example.com", emulator.user.id, "Example CLI", "emulator-cli"]) {
      assertStringIncludes(body, `<td>${text}</td>`);
    }
    assertMatch(body, /<td>\d\d:\d\d:\d\d<\/td><td>GET \/\.well-known\/jwks\.json<\/td><td>200<\/td>/);
    assertEquals(body.includes("<td>GET /</td>"), false);
  });

  it("shows names as text", async () => {
    const emulator = createEmulator();
    emulator.createApplication({ name: "<script>alert(1)</script>" });
    const response = await emulator.fetch(new Request("http://127.0.0.1:8788/"));
    assertStringIncludes(await response.text(), "&lt;script&gt;alert(1)");
  });
});
