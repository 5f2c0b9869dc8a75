import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { createEmulator } from "@clerk/cli-auth/testing";
import { caught } from "../harness/caught.ts";
import { CHROMIUM, type Chromium, startChromium } from "../harness/chromium.ts";
import { startOidcProvider } from "../harness/oidc_provider.ts";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith, type Requirement } from "../harness/requirement.ts";

type Page = Awaited<ReturnType<Chromium["context"]["newPage"]>>;

/** An issuer with pages of its own. */
interface Issuer {
  issuer: string;
  clientId: string;
  /** Does what a person does on its pages. */
  walk(page: Page, decision: "allow" | "deny"): Promise<void>;
  close(): Promise<void>;
}

const EMAIL = "ada@example.com";

describe("login() with Chromium on the emulator", () => testLogin(startEmulator, CHROMIUM));
describe(
  "login() with Chromium on oidc-provider",
  () => testLogin(startForeign, { missing: CHROMIUM.missing ?? canRunOn(OWN_RUNTIME).missing }),
);

async function startEmulator(): Promise<Issuer> {
  const { application, listen } = createEmulator();
  const { issuer, close } = await listen();
  const names = { allow: "Allow", deny: "Deny" };
  const walk: Issuer["walk"] = async (page, decision) => {
    const email = page.getByLabel("Email address");
    if (await email.isVisible()) {
      await email.fill(EMAIL);
      await page.getByRole("button", { name: "Continue", exact: true }).click();
    }
    await page.getByRole("button", { name: names[decision], exact: true }).click();
  };
  return { issuer, clientId: application.clientId, walk, close };
}

async function startForeign(): Promise<Issuer> {
  const walk: Issuer["walk"] = async (page, decision) => {
    const login = page.locator("input[name=login]");
    if (await login.isVisible()) {
      await login.fill(EMAIL);
      await page.locator("input[name=password]").fill("any");
      await page.getByRole("button", { name: "Sign-in" }).click();
    }
    if (decision === "allow") await page.getByRole("button", { name: "Continue" }).click();
    else await page.locator("a[href$=abort]").click();
  };
  return { ...await startOidcProvider(), walk };
}

function testLogin(start: () => Promise<Issuer>, needed: Requirement): void {
  let server: Issuer;
  let browser: Chromium | undefined;

  beforeAll(async () => {
    if (needed.missing !== undefined) return;
    server = await start();
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Opens a page that remembers what its console complains of on our pages. */
  async function openPage(): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser!.context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      const isOurs = /\/(?:callback|done)\b/.test(page.url());
      if (isOurs && ["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    return { page, complaints };
  }

  /** A client whose sign-in is walked on a page, to the button that is pressed in the end. */
  function clientOn(page: Page, decision: "allow" | "deny"): ClerkCliAuth {
    return new ClerkCliAuth({
      clientId: server.clientId,
      issuer: server.issuer,
      storage: "memory",
      ui: "none",
      appName: "Notes",
      openBrowser: async (url) => {
        await page.goto(url);
        await server.walk(page, decision);
      },
    });
  }

  itWith(needed, "signs in, and the browser shows who, without a complaint", async () => {
    const { page, complaints } = await openPage();
    const { user } = await clientOn(page, "allow").login();
    assertEquals(user.email, EMAIL);
    await page.waitForURL(/\/done\//);
    assertEquals(await page.title(), "Signed in to Notes");
    assert(await page.getByText(`You are signed in as ${EMAIL}.`).isVisible());
    assertEquals(complaints, []);
    await page.close();
  });

  itWith(needed, "leaves no code in the address bar, the history or a referrer", async () => {
    const { page } = await openPage();
    await clientOn(page, "allow").login();
    await page.waitForURL(/\/done\//);
    assertMatch(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/done\/[\w-]{43}$/);
    assertEquals(await page.evaluate("document.referrer"), "");
    await page.goBack();
    assertFalse(page.url().includes("/callback"));
    await page.close();
  });

  itWith(needed, "shows that the consent was denied", async () => {
    const { page, complaints } = await openPage();
    assertEquals((await caught(() => clientOn(page, "deny").login())).code, "access_denied");
    await page.waitForURL(/\/done\//);
    assertEquals(await page.title(), "Not signed in to Notes");
    assertEquals(complaints, []);
    await page.close();
  });
}
