import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { caught } from "../harness/caught.ts";
import { isOfDeadline, onFakeClock } from "../harness/fake_clock.ts";
import { isListening } from "../harness/raw_request.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

const SUCCESS_URL = "https://notes.example.com/welcome?from=cli";

describe("login() with a successUrl", () => {
  let client: TestClient;
  /** The response to the callback. */
  let answered: Promise<Response>;
  let port = 0;

  beforeEach(async () => {
    client = await startTestClient();
  });
  afterEach(() => client.close());

  /** Has a login wait no second for a browser that never fetches its page. */
  function withoutBrowser<T>(task: () => Promise<T>): Promise<T> {
    return onFakeClock((clock) => clock.passWhile(task(), 1_000), isOfDeadline);
  }

  function login(decision: "allow" | "deny" = "allow") {
    return client.another({
      page: { successUrl: SUCCESS_URL },
      openBrowser: async (url) => {
        const { url: callback } = await client.browser.signIn(url, { visitCallback: false, decision });
        port = Number(new URL(callback).port);
        answered = fetch(callback, { redirect: "manual" });
      },
    }).login();
  }

  it("sends the browser there once everything has worked, with neither code nor referrer", async () => {
    await login();
    const { status, headers } = await answered;
    assertEquals([status, headers.get("location")], [303, SUCCESS_URL]);
    assertEquals([headers.get("referrer-policy"), headers.get("cache-control")], ["no-referrer", "no-store"]);
  });

  it("waits for no other page, and frees the port", async () => {
    await onFakeClock(() => login(), isOfDeadline);
    assertFalse(await isListening(port));
  });

  it("still shows what failed on its own page", async () => {
    await caught(() => withoutBrowser(() => login("deny")));
    assertMatch((await answered).headers.get("location") ?? "", /^\/done\/[\w-]{43}$/);
  });

  it("still shows that nobody could tell who signed in", async () => {
    client.emulator.faults.add({ endpoint: "userinfo", status: 500 });
    await caught(() => withoutBrowser(() => login()));
    assertMatch((await answered).headers.get("location") ?? "", /^\/done\/[\w-]{43}$/);
  });
});
