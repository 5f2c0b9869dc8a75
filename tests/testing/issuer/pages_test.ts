import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type BrowserPage,
  createEmulator,
  createScriptedBrowser,
  type Emulator,
} from "@clerk/cli-auth/testing";
import { authorizationUrl, ISSUER, obtainCode, readCallback } from "../flow.ts";

function browserOn({ fetch }: Emulator) {
  return createScriptedBrowser({ fetch });
}

/** The form of a page that asks for an email address. */
function emailForm({ forms }: BrowserPage) {
  const form = forms.find(({ fields }) => fields.some(({ name }) => name === "email"));
  if (!form) throw new Error("The page has no form for an email address");
  return form;
}

async function openConsent(emulator: Emulator, parameters: Record<string, string> = {}) {
  const browser = browserOn(emulator);
  const signIn = await browser.open((await authorizationUrl(parameters)).url);
  const consent = await browser.submit(emailForm(signIn), { values: { email: "ada@example.com" } });
  return { browser, consent };
}

describe("the sign-in page", () => {
  it("says that it is an emulator and not Clerk, and what the sign-in is for", async () => {
    const page = await browserOn(createEmulator()).open((await authorizationUrl({})).url);
    assertStringIncludes(page.body, "Emulator, not Clerk.");
    assertStringIncludes(page.body, "to continue to Example CLI");
  });

  it("signs in with any email address of a user, in upper or lower case", async () => {
    const emulator = createEmulator();
    emulator.createUser({ email: "grace@example.com", otherEmails: ["hopper@example.com"] });
    for (const email of ["grace@example.com", " GRACE@example.com", "hopper@example.com"]) {
      assertMatch((await obtainCode(emulator, { email })).code, /./);
    }
  });

  it("offers the users of the emulator, each with a button", async () => {
    const emulator = createEmulator();
    const browser = browserOn(emulator);
    const page = await browser.open((await authorizationUrl({})).url);
    const account = page.forms.find(({ buttons }) =>
      buttons.some(({ value }) => value === "ada@example.com")
    );
    if (!account) throw new Error("The page offers no account");
    assertStringIncludes((await browser.submit(account)).title, "Allow Example CLI");
  });

  it("reports an unknown address without forgetting the request", async () => {
    const browser = browserOn(createEmulator());
    const page = await browser.open((await authorizationUrl({})).url);
    const again = await browser.submit(emailForm(page), { values: { email: "nobody@example.com" } });
    assertEquals(again.status, 400);
    assertStringIncludes(again.body, "No user of this emulator has that email address.");
    const consent = await browser.submit(emailForm(again), { values: { email: "ada@example.com" } });
    assertStringIncludes(consent.title, "Allow Example CLI");
  });

  it("offers nobody if no user has an email address", async () => {
    const emulator = createEmulator();
    emulator.user.email = null;
    const page = await browserOn(emulator).open((await authorizationUrl({})).url);
    assertEquals([page.forms.length, page.body.includes("as a user of this emulator")], [1, false]);
    assertStringIncludes((await browserOn(emulator).open(`${ISSUER}/`)).body, emulator.user.id);
  });

  it("shows a user without a name by the email address", async () => {
    const emulator = createEmulator();
    emulator.createUser({ email: "äsop@example.com", firstName: null, lastName: null, username: null });
    const { body } = await browserOn(emulator).open((await authorizationUrl({})).url);
    assertStringIncludes(body, "<strong>äsop@example.com</strong>");
    assertStringIncludes(body, 'aria-hidden="true">Ä</span>');
  });

  it("shows names as text, whatever is in them", async () => {
    const emulator = createEmulator();
    const evil = `"><script>alert('1')</script>`;
    emulator.createUser({ firstName: evil });
    const { clientId } = emulator.createApplication({ name: evil });
    const page = await browserOn(emulator).open((await authorizationUrl({ client_id: clientId })).url);
    assertEquals(page.body.includes("<script>alert"), false);
    assertStringIncludes(page.body, "&lt;script&gt;alert(&#39;1&#39;)");
  });
});

describe("the consent page", () => {
  it("says who allows what to which application", async () => {
    const { consent } = await openConsent(createEmulator(), { scope: "openid email offline_access" });
    for (
      const text of [
        "Example CLI asks for access",
        "ada@example.com",
        "Read your email address",
        "127.0.0.1:9",
      ]
    ) {
      assertStringIncludes(consent.body, text);
    }
    assertEquals(consent.forms[0]?.buttons.map(({ value }) => value), ["deny", "allow", "switch_account"]);
  });

  it("names a user without an email address, and the scheme of a native application", async () => {
    const emulator = createEmulator();
    const user = emulator.createUser({ email: null, otherEmails: ["grace@example.com"] });
    const redirectUri = "com.example.notes:/callback";
    const { clientId } = emulator.createApplication({ redirectUris: [redirectUri] });
    const browser = browserOn(emulator);
    const { url } = await authorizationUrl({ client_id: clientId, redirect_uri: redirectUri });
    const signIn = await browser.open(url);
    const consent = await browser.submit(emailForm(signIn), { values: { email: "grace@example.com" } });
    assertStringIncludes(consent.body, `to the account ${user.id}`);
    assertStringIncludes(consent.body, `You will be sent to ${redirectUri}.`);
  });

  it("treats anything but 'allow' as a denial", async () => {
    const { browser, consent } = await openConsent(createEmulator());
    const [form] = consent.forms;
    if (!form) throw new Error("The page has no form");
    const forged = { ...form, buttons: [{ name: "decision", value: "ALLOW", text: "" }] };
    const page = await browser.submit(forged, { stopBefore: ({ origin }) => origin !== ISSUER });
    assertEquals(readCallback(page.url).error, "access_denied");
  });

  it("lets the user switch accounts", async () => {
    const emulator = createEmulator();
    const grace = emulator.createUser({ email: "grace@example.com" });
    const { browser, consent } = await openConsent(emulator);
    const [form] = consent.forms;
    if (!form) throw new Error("The page has no form");
    const signIn = await browser.submit(form, { button: "switch_account" });
    const again = await browser.submit(emailForm(signIn), { values: { email: grace.email ?? "" } });
    assertStringIncludes(again.body, "grace@example.com");
  });
});

describe("a sign-in", () => {
  it("is bound to its browser: the URL alone does not continue it", async () => {
    const emulator = createEmulator();
    const page = await browserOn(emulator).open((await authorizationUrl({})).url);
    const stranger = browserOn(emulator);
    assertEquals((await stranger.open(page.url)).title.startsWith("Sign-in over"), true);
    const answer = await stranger.submit(emailForm(page), { values: { email: "ada@example.com" } });
    assertEquals([answer.status, answer.title.startsWith("Sign-in over")], [400, true]);
  });

  it("requires the CSRF token of its form", async () => {
    const browser = browserOn(createEmulator());
    const form = emailForm(await browser.open((await authorizationUrl({})).url));
    for (const csrf_token of ["", "forged"]) {
      const answer = await browser.submit(form, { values: { email: "ada@example.com", csrf_token } });
      assertEquals([answer.status, answer.title.startsWith("Sign-in over")], [400, true]);
    }
  });

  it("ends with the decision: the consent form counts once", async () => {
    const { browser, consent } = await openConsent(createEmulator());
    const [form] = consent.forms;
    if (!form) throw new Error("The page has no form");
    const stop = { stopBefore: ({ origin }: URL) => origin !== ISSUER };
    assertMatch(readCallback((await browser.submit(form, { button: "allow", ...stop })).url).code ?? "", /./);
    assertEquals((await browser.submit(form, { button: "allow", ...stop })).status, 400);
  });

  it("expires after a quarter of an hour", async () => {
    let now = Date.now();
    const browser = browserOn(createEmulator({ now: () => now }));
    const page = await browser.open((await authorizationUrl({})).url);
    now += 15 * 60 * 1000;
    assertEquals((await browser.open(page.url)).status, 400);
  });

  it("gets a new cookie, HttpOnly and SameSite, so that a planted one is useless", async () => {
    const emulator = createEmulator();
    const cookies: string[] = [];
    const browser = createScriptedBrowser({
      async fetch(request) {
        const response = await emulator.fetch(request);
        cookies.push(...response.headers.getSetCookie());
        return response;
      },
    });
    const page = await browser.open((await authorizationUrl({})).url);
    await browser.submit(emailForm(page), { values: { email: "ada@example.com" } });
    const [before, after] = cookies;
    assertEquals(cookies.length, 2);
    assertEquals(before === after, false);
    for (const cookie of cookies) {
      assertMatch(cookie, /; HttpOnly/);
      assertMatch(cookie, /; SameSite=Lax/);
    }
  });

  it("on one emulator does not affect that on another, although all ports share cookies", async () => {
    const [first, second] = [createEmulator(), createEmulator()];
    const browser = createScriptedBrowser({
      fetch: (request) => (new URL(request.url).port === "1111" ? first : second).fetch(request),
    });
    const [url, otherUrl] = await Promise.all(["1111", "2222"].map(async (port) => {
      return (await authorizationUrl({ issuer: `http://127.0.0.1:${port}` })).url;
    }));
    const page = await browser.open(url ?? "");
    await browser.signIn(otherUrl ?? "", { visitCallback: false });
    const consent = await browser.submit(emailForm(page), { values: { email: "ada@example.com" } });
    assertStringIncludes(consent.title, "Allow Example CLI");
  });
});

describe("every page", () => {
  it("forbids foreign scripts, frames, caching and referrers", async () => {
    const { fetch } = createEmulator();
    const { headers } = await fetch(new Request(`${ISSUER}/`));
    const policy = headers.get("content-security-policy") ?? "";
    for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      assertStringIncludes(policy, rule);
    }
    assertEquals(headers.get("cache-control"), "no-store");
    assertEquals(headers.get("referrer-policy"), "no-referrer");
    assertEquals(headers.get("x-frame-options"), "DENY");
  });
});
