import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { createEmulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { caught } from "../harness/caught.ts";
import { CHROMIUM, type Chromium, startChromium } from "../harness/chromium.ts";
import { itWith } from "../harness/requirement.ts";

type Page = Awaited<ReturnType<Chromium["context"]["newPage"]>>;

describe("login() with Chromium", () => {
  const emulator = createEmulator();
  let server: ListeningEmulator;
  let browser: Chromium | undefined;

  beforeAll(async () => {
    server = await emulator.listen();
    if (CHROMIUM.missing === undefined) browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server.close();
  });

  /** Opens a page that remembers what its console complains of. */
  async function openPage(): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser!.context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    return { page, complaints };
  }

  /** A client whose sign-in is walked on a page, to the button that is pressed in the end. */
  function clientOn(page: Page, decision: "Allow" | "Deny"): ClerkCliAuth {
    return new ClerkCliAuth({
      clientId: "emulator-cli",
      issuer: server.issuer,
      storage: "memory",
      ui: "none",
      appName: "Notes",
      openBrowser: async (url) => {
        await page.goto(url);
        const email = page.getByLabel("Email address");
        if (await email.isVisible()) {
          await email.fill("ada@example.com");
          await page.getByRole("button", { name: "Continue", exact: true }).click();
        }
        await page.getByRole("button", { name: decision, exact: true }).click();
      },
    });
  }

  itWith(CHROMIUM, "signs in, and the browser shows who, without a complaint", async () => {
    const { page, complaints } = await openPage();
    const { user } = await clientOn(page, "Allow").login();
    assertEquals(user.email, "ada@example.com");
    await page.waitForURL(/\/done\//);
    assertEquals(await page.title(), "Signed in to Notes");
    assert(await page.getByText("You are signed in as ada@example.com.").isVisible());
    assertEquals(complaints, []);
    await page.close();
  });

  itWith(CHROMIUM, "leaves no code in the address bar, the history or a referrer", async () => {
    const { page } = await openPage();
    await clientOn(page, "Allow").login();
    await page.waitForURL(/\/done\//);
    assertMatch(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/done\/[\w-]{43}$/);
    assertEquals(await page.evaluate("document.referrer"), "");
    await page.goBack();
    assertFalse(page.url().includes("/callback"));
    await page.close();
  });

  itWith(CHROMIUM, "shows that the consent was denied", async () => {
    const { page, complaints } = await openPage();
    assertEquals((await caught(() => clientOn(page, "Deny").login())).code, "access_denied");
    await page.waitForURL(/\/done\//);
    assertEquals(await page.title(), "Not signed in to Notes");
    assertEquals(complaints, []);
    await page.close();
  });
});
