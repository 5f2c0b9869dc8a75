import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { afterAll, describe } from "@std/testing/bdd";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ClerkCliAuthError } from "@clerk/cli-auth";
import axe from "npm:axe-core@4.14.1";
import {
  type CallbackListener,
  failurePage,
  openCallbackListener,
  type PageOptions,
  parsePageOptions,
  successPage,
} from "../../doors/client.ts";
import { loadRuntime } from "../../doors/runtime.ts";
import { CHROMIUM, type Page } from "../../harness/chromium.ts";
import { IS_THOROUGH } from "../../harness/extent.ts";
import { itWith } from "../../harness/requirement.ts";

type Shown = keyof typeof VIEWED;

const STATE = "the-state-of-this-attempt-aaaaaaaaaaaaaaaaa";
const USER = { sub: "user_1", email: "ada.lovelace@analytical-engine.example.com" };
const DENIED = new ClerkCliAuthError("access_denied", "You denied access");
const CONTENT = { success: successPage("Notes", USER), failure: failurePage("Notes", DENIED) };

/** What Chromium logs for every error response. */
const GONE = "Failed to load resource: the server responded with a status of 410 (Gone)";

/** How users may view them: every colour scheme and every width. */
const VIEWS = [{ colorScheme: "light", width: 360 }, { colorScheme: "dark", width: 1280 }] as const;

/** The pages differ only in text and one colour: the everyday run inspects one in all views, the others in one. */
const VIEWED = {
  "success": VIEWS,
  "failure": IS_THOROUGH ? VIEWS : VIEWS.slice(1),
  "already done": IS_THOROUGH ? VIEWS : VIEWS.slice(0, 1),
};

const listeners: CallbackListener[] = [];

/** Takes a browser to a page of a separate listener. */
async function show(page: Page, shown: Shown, options?: PageOptions): Promise<void> {
  const listener = await openCallbackListener({
    runtime: await loadRuntime(),
    ports: [0],
    state: STATE,
    issuer: "https://clerk.example.com",
    page: parsePageOptions(options),
  });
  listeners.push(listener);
  const callback = `${listener.redirectUri}?code=the-code&state=${STATE}`;
  listener.conclude(Promise.resolve(CONTENT[shown === "failure" ? "failure" : "success"]));
  await page.goto(callback);
  if (shown === "already done") await page.goto(callback);
}

/** Injects axe-core through the debugger, to which the page's policy does not apply. */
async function inspectable(page: Page): Promise<void> {
  await page.evaluate(axe.source);
}

/** The problems that axe-core finds on the page. */
async function violations(page: Page): Promise<unknown[]> {
  const { violations } = await page.evaluate("axe.run({ resultTypes: ['violations'] })") as axe.AxeResults;
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}

/** Registers what holds for the pages that the listener shows; each test gets a page of the browser that has shown others. */
export function describeResultPages(openPage: () => Promise<Page>): void {
  describe("a page of the listener", () => {
    afterAll(async () => {
      await Promise.all(listeners.map((listener) => listener.close()));
    });

    for (const [shown, views] of Object.entries(VIEWED) as [Shown, typeof VIEWS[number][]][]) {
      const described = views.map(({ colorScheme, width }) => `${colorScheme}, ${width} pixels wide`);
      const title = `(${shown}) is accessible, fits and draws no complaint, ${described.join("; ")}`;
      itWith(CHROMIUM, title, async () => {
        const page = await openPage();
        const complaints: string[] = [];
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(String(error)));
        await show(page, shown);
        await inspectable(page);
        for (const { colorScheme, width } of views) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 640 });
          assertEquals(await page.evaluate("document.documentElement.scrollWidth"), width);
          assertEquals(await violations(page), [], `${colorScheme}, ${width} pixels wide`);
        }
        assertEquals(complaints, shown === "already done" ? [GONE] : []);
        await page.close();
      });
    }

    itWith(CHROMIUM, "uses the configured colours, and stays accessible", async () => {
      const page = await openPage();
      await page.emulateMedia({ colorScheme: "dark" });
      const options = { accentColor: "#6c47ff", backgroundColor: { light: "#fff", dark: "#010203" } };
      await show(page, "success", options);
      await inspectable(page);
      assertEquals(await colorOf(page, "svg", "color"), "rgb(108, 71, 255)");
      assertEquals(await colorOf(page, "body", "background-color"), "rgb(1, 2, 3)");
      assertEquals(await violations(page), []);
      await page.emulateMedia({ colorScheme: "light" });
      assertEquals(await colorOf(page, "body", "background-color"), "rgb(255, 255, 255)");
      await show(page, "failure", options);
      assertNotEquals(await colorOf(page, "svg", "color"), "rgb(108, 71, 255)");
      await page.close();
    });

    itWith(CHROMIUM, "is replaced by a successUrl, which never learns the code", async () => {
      const { server, url, requests } = await startWelcome();
      const page = await openPage();
      await show(page, "success", { successUrl: `${url}/welcome` });
      assertEquals(page.url(), `${url}/welcome`);
      assertEquals(await page.evaluate("document.referrer"), "");
      assertEquals(requests.filter(({ path }) => path === "/welcome"), [{
        path: "/welcome",
        referer: undefined,
      }]);
      await page.goBack();
      assert(!page.url().includes("/callback"));
      await page.close();
      server.close();
    });
  });
}

function colorOf(page: Page, selector: string, property: string): Promise<string> {
  return page.evaluate(`getComputedStyle(document.querySelector("${selector}"))["${property}"]`);
}

interface Welcome {
  server: Server;
  url: string;
  requests: { path: string | undefined; referer: string | undefined }[];
}

/** The application's own page. */
async function startWelcome(): Promise<Welcome> {
  const requests: Welcome["requests"] = [];
  const server = createServer(({ url, headers: { referer } }, response) => {
    requests.push({ path: url, referer });
    response.writeHead(200, { "content-type": "text/html", "connection": "close" });
    response.end("<!doctype html><title>Welcome</title><link rel=icon href='data:,'>Welcome");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
