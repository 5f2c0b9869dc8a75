import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { CHROMIUM, type Chromium, startChromium } from "../../harness/chromium.ts";
import { itWith } from "../../harness/requirement.ts";
import { authorizationUrl } from "../flow.ts";

/** What the browser sends to the application at the end of a sign-in, and what its console says meanwhile. */
async function signIn(
  { context }: Chromium,
  { url, decision }: { url: string; decision: "Allow" | "Deny" },
): Promise<{ method: string; parameters: URLSearchParams; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  await page.goto(url);
  await page.getByLabel("Email address").fill("ada@example.com");
  await page.getByRole("button", { name: "Continue" }).click();
  const callback = page.waitForRequest((request) => new URL(request.url()).pathname === "/callback");
  await page.getByRole("button", { name: decision }).click();
  const request = await callback;
  const method = request.method();
  const parameters = method === "POST"
    ? new URLSearchParams(request.postData() ?? "")
    : new URL(request.url()).searchParams;
  await page.close();
  return { method, parameters, complaints };
}

describe("the pages in Chromium", () => {
  let emulator: Emulator;
  let server: ListeningEmulator;
  let chromium: Chromium | undefined;
  beforeAll(async () => {
    emulator = createEmulator();
    server = await emulator.listen();
    if (CHROMIUM.missing === undefined) chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    await server.close();
  });

  const cases: [string, "Allow" | "Deny", string, string][] = [
    ["query", "Allow", "GET", "code"],
    ["query", "Deny", "GET", "error"],
    ["form_post", "Allow", "POST", "code"],
  ];
  for (const [response_mode, decision, method, parameter] of cases) {
    const title = `lead a person who chooses '${decision}' back to the application with ${response_mode}`;
    itWith(CHROMIUM, title, async () => {
      if (!chromium) throw new Error("Chromium has not started");
      // Consent is asked for at every sign-in, and 'login' forgets who signed in before.
      const { url } = await authorizationUrl({ issuer: server.issuer, response_mode, prompt: "login" });
      const outcome = await signIn(chromium, { url, decision });
      assertEquals(outcome.method, method);
      assertMatch(outcome.parameters.get(parameter) ?? "", /./);
      assertEquals(outcome.complaints.filter((text) => /Content Security Policy/i.test(text)), []);
    });
  }
});
