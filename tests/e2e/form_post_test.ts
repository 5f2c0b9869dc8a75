import { assertEquals, assertFalse } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { ClerkCliAuth, type ClerkCliAuthConfig } from "@clerk/cli-auth";
import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
import { CHROMIUM, startChromium } from "../harness/chromium.ts";
import { startOidcProvider } from "../harness/oidc_provider.ts";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";

function newClient(config: Pick<ClerkCliAuthConfig, "issuer" | "clientId" | "openBrowser">): ClerkCliAuth {
  return new ClerkCliAuth({
    ...config,
    endpoints: "discover",
    responseMode: "form_post",
    storage: "memory",
    ui: "none",
  });
}

describe("login() with responseMode: 'form_post'", () => {
  itWith(CHROMIUM, "signs in with Chromium, and no address that is asked for holds the code", async () => {
    const emulator = createEmulator();
    const server = await emulator.listen();
    const browser = await startChromium();
    try {
      const page = await browser.context.newPage();
      const asked: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
      page.on("console", (message) => complaints.push(message.text()));
      const { user } = await newClient({
        issuer: server.issuer,
        clientId: emulator.application.clientId,
        openBrowser: async (url) => {
          await page.goto(url);
          await page.getByLabel("Email address").fill("ada@example.com");
          await page.getByRole("button", { name: "Continue", exact: true }).click();
          await page.getByRole("button", { name: "Allow", exact: true }).click();
        },
      }).login();
      await page.waitForURL(/\/done\//);
      const code = emulator.requests.find(({ endpoint }) => endpoint === "token")!.form.code!;
      assertEquals([user.email, complaints], ["ada@example.com", []]);
      assertFalse(asked.some((request) => request.includes(code)));
      assertEquals(asked.filter((request) => /^POST .*\/callback$/.test(request)).length, 1);
    } finally {
      await browser.close();
      await server.close();
    }
  });

  itWith(canRunOn(OWN_RUNTIME), "signs in on oidc-provider", async () => {
    const server = await startOidcProvider({ ownPaths: true });
    try {
      const openBrowser = createScriptedBrowser().opener({ email: "ada@example.com" });
      const { user } = await newClient({ ...server, openBrowser }).login();
      assertEquals(user.email, "ada@example.com");
    } finally {
      await server.close();
    }
  });
});
