import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { ClerkCliAuth, type ClerkCliAuthConfig, type LoginResult } from "@clerk/cli-auth";
import { createEmulator } from "@clerk/cli-auth/testing";
import { caught } from "../harness/caught.ts";
import { CHROMIUM, type Chromium, type Page, startChromium } from "../harness/chromium.ts";
import { isOfDeadline, onFakeClock } from "../harness/fake_clock.ts";
import { startOidcProvider } from "../harness/oidc_provider.ts";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itAtLength, itWith, type Requirement } from "../harness/requirement.ts";
import { describeResultPages } from "./support/result_pages.ts";

type Decision = "allow" | "deny";

/** An issuer with its own pages. */
interface Issuer {
  issuer: string;
  clientId: string;
  /** Acts as the user on its pages. */
  walk(page: Page, decision: Decision): Promise<void>;
  close(): Promise<void>;
}

const EMAIL = "ada@example.com";

const FOREIGN: Requirement = { missing: CHROMIUM.missing ?? canRunOn(OWN_RUNTIME).missing };

let browser: Chromium | undefined;
beforeAll(async () => {
  if (CHROMIUM.missing === undefined) browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
});

describe("login() with Chromium on the emulator", () => {
  const emulator = createEmulator();
  const { clientId } = emulator.application;
  const start = async (): Promise<Issuer> => ({ ...await emulator.listen(), clientId, walk: walkEmulator });
  const signIn = testLogin({ start, needed: CHROMIUM, own: /(?:)/ });

  itWith(CHROMIUM, "signs in with form_post, without the code in any requested URL", async () => {
    const asked: string[] = [];
    const { page, complaints } = await openPage(/(?:)/);
    page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
    const { user } = await signIn(page, { endpoints: "discover", responseMode: "form_post" });
    const code = emulator.requests.findLast(({ endpoint }) => endpoint === "token")!.form.code!;
    assertEquals([user.email, complaints], [EMAIL, []]);
    assertFalse(asked.some((request) => request.includes(code)));
    assertEquals(asked.filter((request) => /^POST .*\/callback$/.test(request)).length, 1);
  });
});

describe("login() with Chromium on oidc-provider", () => {
  const start = async (): Promise<Issuer> => ({ ...await startOidcProvider(), walk: walkForeign });
  testLogin({ start, needed: FOREIGN, own: /\/(?:callback|done)\b/, itIsDenied: itAtLength });
});

describeResultPages(() => browser!.context.newPage());

async function walkEmulator(page: Page, decision: Decision): Promise<void> {
  const email = page.getByLabel("Email address");
  if (await email.isVisible()) {
    await email.fill(EMAIL);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
  }
  await page.getByRole("button", { name: decision === "allow" ? "Allow" : "Deny", exact: true }).click();
}

async function walkForeign(page: Page, decision: Decision): Promise<void> {
  const login = page.locator("input[name=login]");
  if (await login.isVisible()) {
    await login.fill(EMAIL);
    await page.locator("input[name=password]").fill("any");
    await page.getByRole("button", { name: "Sign-in" }).click();
  }
  if (decision === "allow") await page.getByRole("button", { name: "Continue" }).click();
  else await page.locator("a[href$=abort]").click();
}

/** Opens a page that records the complaints of its console on some pages. */
async function openPage(pages: RegExp): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser!.context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (pages.test(page.url()) && ["error", "warning"].includes(message.type())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, complaints };
}

/** What {@linkcode testLogin} tests. */
interface LoginOptions {
  start(): Promise<Issuer>;
  needed: Requirement;
  /** Our own pages. */
  own: RegExp;
  /** Registers the test of a denial, whose page does not depend on the issuer. @default always */
  itIsDenied?: typeof itWith;
}

/** Signs in on a page with a decision. */
type SignIn = (
  page: Page,
  options?: Pick<ClerkCliAuthConfig, "endpoints" | "responseMode"> & { decision?: Decision },
) => Promise<LoginResult>;

function testLogin({ start, needed, own, itIsDenied = itWith }: LoginOptions): SignIn {
  let server: Issuer;
  let opened: { page: Page; complaints: string[] };
  let result: LoginResult;

  beforeAll(async () => {
    if (needed.missing !== undefined) return;
    server = await start();
    opened = await openPage(own);
    result = await signIn(opened.page);
  });
  afterAll(async () => {
    await server?.close();
  });

  const signIn: SignIn = async (page, { decision = "allow", ...config } = {}) => {
    const client = new ClerkCliAuth({
      ...config,
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
    try {
      // However long the browser takes to fetch the result page.
      return await onFakeClock(() => client.login(), isOfDeadline);
    } finally {
      await page.waitForURL(/\/done\//);
    }
  };

  itWith(needed, "signs in, and the browser shows who, without errors", async () => {
    const { page, complaints } = opened;
    assertEquals(result.user.email, EMAIL);
    assertEquals(await page.title(), "Signed in to Notes");
    assert(await page.getByText(`You are signed in as ${EMAIL}.`).isVisible());
    assertEquals(complaints, []);
  });

  itWith(needed, "leaves no code in the address bar, the history or a referrer", async () => {
    const { page } = opened;
    assertMatch(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/done\/[\w-]{43}$/);
    assertEquals(await page.evaluate("document.referrer"), "");
    await page.goBack();
    assertFalse(page.url().includes("/callback"));
  });

  itIsDenied(needed, "shows that the consent was denied", async () => {
    const { page, complaints } = await openPage(own);
    assertEquals((await caught(() => signIn(page, { decision: "deny" }))).code, "access_denied");
    assertEquals(await page.title(), "Not signed in to Notes");
    assertEquals(complaints, []);
  });

  return signIn;
}
