import { assertEquals } from "@std/assert";
import { createEmulator } from "@clerk/cli-auth/testing";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  type ClientContext,
  getAccessToken,
  openContext,
  readRecord,
  replaceSession,
  resolveConfig,
} from "../doors/client.ts";
import { sha256 } from "../doors/core.ts";
import { loadRuntime } from "../doors/runtime.ts";
import { CONFIG_DIRECTORY } from "../harness/config_directory.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const NAMED = "refresh-token-of-a-session-that-was-logged-out";

describe("the notice of a logout without the lock", () => {
  let folder: TemporaryFolder;
  let context: ClientContext;
  const emulator = createEmulator();

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    const runtime = await loadRuntime();
    const env = (name: string) => name === CONFIG_DIRECTORY ? folder.path : undefined;
    const config = resolveConfig({
      clientId: "client",
      issuer: "http://127.0.0.1",
      storage: "file",
      fetch: (input, init) => emulator.fetch(new Request(input, init)),
    });
    context = await openContext(config, { ...runtime, env });
    emulator.requests.length = 0;
    await context.store.crossProcess?.logoutNotice.write(await sha256(NAMED));
  });

  afterEach(() => folder.remove());

  it("lets no refresh that marks the record bring the session back, and sends nothing", async () => {
    await replaceSession(context, { accessToken: "access", refreshToken: NAMED, expiresAt: 1 });
    assertEquals(await getAccessToken(context), null);
    assertEquals(await readRecord(context), null);
    assertEquals(emulator.requests.length, 0);
  });

  it("outlives a login, which another refresh of the old session may follow", async () => {
    await replaceSession(context, { accessToken: "access", refreshToken: "another" });
    assertEquals(await context.store.crossProcess?.logoutNotice.read(), await sha256(NAMED));
    assertEquals(await getAccessToken(context), "access");
  });
});
