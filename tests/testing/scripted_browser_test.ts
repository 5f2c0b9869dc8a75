import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator, createScriptedBrowser, type ScriptedBrowser } from "@clerk/cli-auth/testing";
import { authorizationUrl, ISSUER } from "./flow.ts";

type Site = Record<string, (request: Request) => Response | Promise<Response>>;

const html = (body: string, headers: [string, string][] = []) => () => new Response(body, { headers });
const redirect = (location: string, status = 302) => () =>
  new Response(null, { status, headers: { Location: location } });

/** A browser on a fake site with responses by URL, which records its requests. */
function browserOn(site: Site): { browser: ScriptedBrowser; requests: Request[] } {
  const requests: Request[] = [];
  const browser = createScriptedBrowser({
    async fetch(request) {
      requests.push(request.clone());
      const { origin, pathname } = new URL(request.url);
      return await (site[`${origin}${pathname}`] ?? site[pathname] ?? html("not found"))(request);
    },
  });
  return { browser, requests };
}

async function openForm(form: string) {
  const { browser, requests } = browserOn({ "/": html(form) });
  const page = await browser.open("http://site.example/");
  const [first] = page.forms;
  if (!first) throw new Error("The page has no form");
  return { browser, requests, page, form: first };
}

describe("the scripted browser", () => {
  it("follows redirects and says where it is", async () => {
    const { browser } = browserOn({
      "/": redirect("/a"),
      "/a": redirect("b", 303),
      "/b": html("<title>B &amp; b</title>"),
    });
    const page = await browser.open("http://site.example/");
    assertEquals([page.url, page.status, page.title], ["http://site.example/b", 200, "B & b"]);
  });

  it("turns a POST into a GET on 303, and keeps it on 307", async () => {
    for (
      const [status, method, body] of [[303, "GET", ""], [302, "GET", ""], [
        307,
        "POST",
        "name=value",
      ]] as const
    ) {
      const { browser, requests } = browserOn({
        "/": html('<form method="post" action="/send"><input name="name" value="value"></form>'),
        "/send": redirect("/done", status),
      });
      const [form] = (await browser.open("http://site.example/")).forms;
      if (!form) throw new Error("The page has no form");
      await browser.submit(form);
      const last = requests.at(-1);
      assertEquals([new URL(last?.url ?? "").pathname, last?.method, await last?.text()], [
        "/done",
        method,
        body,
      ]);
    }
  });

  it("gives up on a page that redirects forever", async () => {
    const { browser } = browserOn({ "/": redirect("/") });
    await assertRejects(() => browser.open("http://site.example/"), Error, "more than 20 times");
  });

  it("requests neither another scheme nor a URL that it must stop before", async () => {
    const { browser, requests } = browserOn({
      "/app": redirect("myapp:/back?code=1"),
      "/web": redirect("//other.example/"),
    });
    const app = await browser.open("http://site.example/app");
    assertEquals([app.url, app.status], ["myapp:/back?code=1", 0]);
    const web = await browser.open("http://site.example/web", {
      stopBefore: ({ host }) => host === "other.example",
    });
    assertEquals([web.url, web.status], ["http://other.example/", 0]);
    assertEquals(requests.length, 2);
  });
});

describe("the scripted browser's cookies", () => {
  const cookie = (value: string): [string, string] => ["Set-Cookie", value];

  async function cookiesSent(headers: [string, string][], address: string): Promise<string | null> {
    const { browser, requests } = browserOn({ "http://site.example/folder/page": html("", headers) });
    await browser.open("http://site.example/folder/page");
    await browser.open(address);
    return requests.at(-1)?.headers.get("cookie") ?? null;
  }

  const cases: [string, [string, string][], string, string | null][] = [
    ["go to the same host", [cookie("a=1; Path=/")], "http://site.example/", "a=1"],
    ["go to every port of the host", [cookie("a=1; Path=/")], "http://site.example:8080/", "a=1"],
    ["do not go to another host", [cookie("a=1; Path=/")], "http://other.example/", null],
    ["stay in their path", [cookie("a=1; Path=/folder")], "http://site.example/folders", null],
    [
      "are for the folder that set them by default",
      [cookie("a=1")],
      "http://site.example/folder/other",
      "a=1",
    ],
    ["are not for other folders by default", [cookie("a=1")], "http://site.example/", null],
    [
      "with a longer path come first",
      [cookie("a=1; Path=/"), cookie("b=2")],
      "http://site.example/folder/",
      "b=2; a=1",
    ],
    [
      "replace those of the same name",
      [cookie("a=1; Path=/"), cookie("a=2; Path=/")],
      "http://site.example/",
      "a=2",
    ],
    [
      "end with Max-Age=0",
      [cookie("a=1; Path=/"), cookie("a=; Path=/; Max-Age=0")],
      "http://site.example/",
      null,
    ],
    [
      "end with an Expires that is past",
      [cookie("a=1; Path=/"), cookie("a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT")],
      "http://site.example/",
      null,
    ],
    ["may hold an equals sign", [cookie("a=b=c; Path=/; HttpOnly")], "http://site.example/", "a=b=c"],
    ["without a name are ignored", [cookie("=1; Path=/"), cookie("nonsense")], "http://site.example/", null],
  ];
  for (const [what, headers, address, expected] of cases) {
    it(what, async () => assertEquals(await cookiesSent(headers, address), expected));
  }
});

describe("the scripted browser's forms", () => {
  it("are read with their fields, buttons and links, whatever the HTML looks like", async () => {
    const { page, form } = await openForm(`
      <!-- <form><input name="commented"></form> -->
      <script>document.write('<form><input name="scripted"></form>')</script>
      <a href='/away?x=1&amp;y=2'>Go &lt;away&gt;</a>
      <FORM METHOD=post action="/send?to=1">
        <input type=hidden name=token value="a&quot;b&#39;c&#x41;&#66;&nbsp;&unknown;">
        <INPUT NAME='email' type="email" required>
        <input type="checkbox" name="on" checked><input type="checkbox" name="off">
        <input type="radio" name="radio" value="1"><input type="radio" name="radio" value="2" checked>
        <select name="select"><option value="first">First<option value="second" selected>Second</select>
        <textarea name="text">some &amp; text</textarea>
        <input name="disabled" value="1" disabled>
        <button name="press" value="me"><b>Press</b> me</button><button type="button" name="not">No</button>
        <input type="submit" name="also" value="Also">
      </FORM>
      <input name="outside"> 1 < 2`);
    assertEquals(page.forms.length, 1);
    assertEquals(page.links, [{ href: "http://site.example/away?x=1&y=2", text: "Go <away>" }]);
    assertEquals([form.action, form.method], ["http://site.example/send?to=1", "POST"]);
    assertEquals(form.fields, [
      { name: "token", value: "a\"b'cAB\u00a0&unknown;", type: "hidden" },
      { name: "email", value: "", type: "email" },
      { name: "on", value: "on", type: "checkbox" },
      { name: "radio", value: "2", type: "radio" },
      { name: "select", value: "second", type: "select" },
      { name: "text", value: "some & text", type: "textarea" },
    ]);
    assertEquals(form.buttons, [
      { name: "press", value: "me", text: "Press me" },
      { name: "also", value: "Also", text: "Also" },
    ]);
  });

  it("are sent with the filled-in values and the pressed button", async () => {
    const { browser, requests, form } = await openForm(`<form method="post">
      <input name="name" value="before"><button name="do" value="1">One</button><button name="do" value="2">Two</button></form>`);
    await browser.submit(form, { values: { name: "a b&c" }, button: "Two" });
    const request = requests.at(-1);
    assertEquals(await request?.text(), "name=a+b%26c&do=2");
    assertEquals(request?.headers.get("content-type"), "application/x-www-form-urlencoded");
  });

  it("are sent as a query if they are not posted", async () => {
    const { browser, requests, form } = await openForm('<form action="/find?old=1"><input name="q"></form>');
    await browser.submit(form, { values: { q: "x y" } });
    assertEquals([requests.at(-1)?.method, requests.at(-1)?.url], ["GET", "http://site.example/find?q=x+y"]);
  });

  it("have only their own buttons", async () => {
    const { browser, form } = await openForm("<form><button>Yes</button></form>");
    await assertRejects(() => browser.submit(form, { button: "No" }), Error, "The form has no button 'No'");
  });
});

describe("the scripted browser's sign-in", () => {
  it("ends at the application's page", async () => {
    const emulator = createEmulator();
    const browser = createScriptedBrowser({
      async fetch(request) {
        if (new URL(request.url).origin === ISSUER) return await emulator.fetch(request);
        return new Response("<title>Signed in</title><form><input name='email'></form>");
      },
    });
    const page = await browser.signIn((await authorizationUrl({})).url);
    assertEquals([page.status, page.title], [200, "Signed in"]);
    assertStringIncludes(page.url, "http://127.0.0.1:9/callback?code=");
  });

  it("rejects with the issuer's words if the issuer refuses", async () => {
    const { fetch } = createEmulator();
    const { url } = await authorizationUrl({ client_id: "nobody" });
    await assertRejects(() => createScriptedBrowser({ fetch }).signIn(url), Error, "invalid_client");
  });

  it("rejects if nobody has the email address", async () => {
    const { fetch } = createEmulator();
    const { url } = await authorizationUrl({});
    const browser = createScriptedBrowser({ fetch });
    await assertRejects(() => browser.signIn(url, { email: "nobody@example.com" }), Error, "status 400");
  });

  it("as an opener resolves to nothing, and opens the given URL", async () => {
    const emulator = createEmulator();
    const opened: string[] = [];
    const open = createScriptedBrowser({
      async fetch(request) {
        opened.push(new URL(request.url).pathname);
        return new URL(request.url).origin === ISSUER ? await emulator.fetch(request) : new Response("done");
      },
    }).opener({ email: "ada@example.com" });
    assertEquals(await open((await authorizationUrl({})).url), undefined);
    assertEquals(opened.at(-1), "/callback");
  });

  it("also works over the network, on a listening emulator", async () => {
    const { issuer, close } = await createEmulator().listen();
    const { url } = await authorizationUrl({ issuer });
    const page = await createScriptedBrowser().signIn(url, { visitCallback: false });
    await close();
    assertStringIncludes(page.url, "/callback?code=");
  });
});
