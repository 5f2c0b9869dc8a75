import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";

import {
  createEmulator,
  createScriptedBrowser,
  type EmulatedTokens,
  type Emulator,
} from "@clerk/cli-auth/testing";
import { authorizedFetch, type ClerkCliAuthConfig, openContext, resolveConfig } from "../doors/client.ts";
import { caught } from "../harness/caught.ts";
import { createFakeRuntime, type FakeRuntime } from "../harness/fake_runtime.ts";
import { type Backend, bearerRefusal, startBackend } from "./support/backend.ts";
import { type StoredSession, storedSession } from "./support/stored_session.ts";

const SCOPES = ["openid", "email", "offline_access"];

describe("fetch() if more scopes are needed", () => {
  let emulator: Emulator;
  let close: () => Promise<void>;
  let issuer: string;
  let api: Backend;
  let tokens: EmulatedTokens;
  let store: StoredSession;
  let runtime: FakeRuntime;

  beforeEach(async () => {
    emulator = createEmulator({ behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque" } });
    ({ issuer, close } = await emulator.listen());
    tokens = await emulator.issueTokens({ scopes: SCOPES });
    store = storedSession(tokens);
    api = await startBackend(({ authorization }) =>
      authorization === `Bearer ${tokens.accessToken}`
        ? bearerRefusal(403, 'error="insufficient_scope", scope="profile"')
        : new Response("done")
    );
    runtime = await createFakeRuntime({ isInteractive: true });
  });

  afterEach(async () => {
    await api.close();
    await close();
  });

  async function call(config: Partial<ClerkCliAuthConfig> = {}): Promise<Response> {
    const context = await openContext(
      resolveConfig({
        clientId: emulator.application.clientId,
        issuer,
        storage: store,
        scopes: [...SCOPES, "profile"],
        apiOrigins: [api.origin],
        openBrowser: createScriptedBrowser().opener(),
        ...config,
      }),
      runtime,
    );
    return await authorizedFetch(context, api.origin, { method: "POST", body: "note" });
  }

  function logins(): number {
    return emulator.requests.filter(({ endpoint }) => endpoint === "token").length;
  }

  it("asks the user to grant them, and repeats the request", async () => {
    assertEquals(await (await call()).text(), "done");
    assertEquals(api.seen.map(({ body }) => body), ["note", "note"]);
    assertStringIncludes(runtime.written, "This needs more access than you have granted so far: profile.");
    assertEquals(store.record()?.scope, [...SCOPES, "profile"].join(" "));
  });

  it("accepts only the same account, and otherwise keeps the session", async () => {
    emulator.createUser({ email: "bob@example.com" });
    const openBrowser = createScriptedBrowser().opener({ email: "bob@example.com" });
    const error = await caught(() => call({ openBrowser }));
    assertEquals([error.code, error.action], [
      "access_denied",
      "Grant the access with the account that you are signed in with",
    ]);
    assertEquals(store.record()?.accessToken, tokens.accessToken);
    assertEquals(api.seen.length, 1);
  });

  it("requests no scope that is not on the program's own list", async () => {
    assertEquals((await call({ scopes: SCOPES })).status, 403);
    assertEquals([logins(), runtime.written], [0, ""]);
  });

  it("requests none if one of them is not on that list", async () => {
    await api.close();
    api = await startBackend(() => bearerRefusal(403, 'error="insufficient_scope", scope="profile admin"'));
    assertEquals((await call()).status, 403);
    assertEquals([logins(), runtime.written], [0, ""]);
  });

  it("requests all that are missing, and names them", async () => {
    tokens = await emulator.issueTokens({ scopes: ["openid"] });
    store.put(tokens);
    await api.close();
    api = await startBackend(({ authorization }) =>
      authorization === `Bearer ${tokens.accessToken}`
        ? bearerRefusal(403, 'error="insufficient_scope", scope="openid email profile"')
        : new Response("done")
    );
    assertEquals(await (await call()).text(), "done");
    assertStringIncludes(runtime.written, "than you have granted so far: email, profile.");
    assertEquals(store.record()?.scope, "openid email profile");
  });

  it("asks nobody at only one end of a terminal", async () => {
    for (const end of ["stdin", "stderr"]) {
      runtime.terminal.isInteractive = (stream) => stream === end;
      assertEquals((await call()).status, 403);
    }
    assertEquals([logins(), runtime.written], [0, ""]);
  });

  it("asks nobody who signed out meanwhile", async () => {
    await api.close();
    api = await startBackend(() => {
      store.delete("tokens");
      return bearerRefusal(403, 'error="insufficient_scope", scope="profile"');
    });
    assertEquals((await call()).status, 403);
    assertEquals(logins(), 0);
  });

  it("assumes that the program's scopes were granted if nobody said which", async () => {
    const { scope: _, ...rest } = tokens;
    store.put(rest);
    assertEquals((await call()).status, 403);
    assertEquals(logins(), 0);
  });

  it("asks nobody if the program wants no text on the terminal", async () => {
    assertEquals((await call({ ui: "none" })).status, 403);
    assertEquals(logins(), 0);
  });

  it("requests nothing that was already granted", async () => {
    store.put({ ...tokens, scope: [...SCOPES, "profile"].join(" ") });
    assertEquals((await call()).status, 403);
    assertEquals(logins(), 0);
  });

  it("assumes that the requested scopes were granted if the issuer names none (RFC 6749, section 5.1)", async () => {
    const { scope: _, ...unnamed } = tokens;
    store.put(unnamed);
    assertEquals((await call()).status, 403);
    assertEquals(logins(), 0);
  });

  it("asks nobody if the session is gone by then", async () => {
    await api.close();
    api = await startBackend(() => {
      store.delete("tokens");
      return bearerRefusal(403, 'error="insufficient_scope", scope="profile"');
    });
    assertEquals((await call()).status, 403);
    assertEquals([logins(), runtime.written], [0, ""]);
  });

  it("uses what another process was granted meanwhile", async () => {
    const granted = await emulator.issueTokens({ scopes: [...SCOPES, "profile"] });
    await api.close();
    api = await startBackend(({ authorization }) => {
      if (authorization !== `Bearer ${tokens.accessToken}`) return new Response("done");
      store.put(granted);
      return bearerRefusal(403, 'error="insufficient_scope", scope="profile"');
    });
    assertEquals(await (await call()).text(), "done");
    assertEquals(logins(), 0);
  });
});
