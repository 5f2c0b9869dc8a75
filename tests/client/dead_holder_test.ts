import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { existsSync } from "node:fs";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import {
  type ClientContext,
  getAccessToken,
  login,
  logout,
  readRecord,
  saveRecord,
} from "../doors/client.ts";
import type { Held } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { installFakeClock, onFakeClock } from "../harness/fake_clock.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { createLocalContext } from "./support/local_context.ts";

/** The longest pause of a process that watches a holder. */
const POLL_MS = 250;
const LOCK_TIMEOUT_MS = 30_000;

let folder: TemporaryFolder;
let emulator: Emulator;
let context: ClientContext;
/** The directory of the lock. */
let lock: string;
/** Whether the dead holder was still there each time the browser was opened. */
let opened: boolean[];
beforeEach(async () => {
  folder = await makeTemporaryFolder();
  emulator = createEmulator({ behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque" } });
  opened = [];
  const openBrowser = () => {
    opened.push(existsSync(join(lock, LIVE)));
    return false;
  };
  const config = { openBrowser, ui: "none" as const };
  context = await createLocalContext({ emulator, folder: folder.path, storage: "file", config });
  await saveRecord(context, { kind: "live", tokens: { ...await emulator.issueTokens(), expiresAt: 1 } });
  lock = `${(await context.store.describe())!.location.replaceAll("\\", "/")}.lock`;
  await mkdir(lock);
});
afterEach(() => folder.remove());

const LIVE = "dead.live";

/** Leaves the files of a process that was killed so long ago while it held the lock. */
async function leaveHolder({ host = "another", port = 1, ageMs = 0 }): Promise<void> {
  const at = (Date.now() - ageMs) / 1_000;
  for (const name of ["1", LIVE]) {
    await writeFile(join(lock, name), JSON.stringify({ port, nonce: "dead", host }));
    await utimes(join(lock, name), at, at);
  }
}

/** Runs a task whose pauses take no time. Also returns how long they would have taken. */
function timed<T>(task: () => Promise<T>): Promise<[T, number]> {
  return onFakeClock(async (clock) => {
    const begun = performance.now();
    return [await clock.passWhile(task(), POLL_MS), performance.now() - begun];
  }, (durationMs) => durationMs <= POLL_MS || durationMs >= 1_000);
}

describe("a process elsewhere that was killed while it held the lock", () => {
  // A minute ahead, so that it does not become old while a slow machine runs the test.
  const ages = { "just now": [-60_000, 5_000], "before this host was started": [4_000, 2_250] } as const;
  for (const [when, [ageMs, waitMs]] of Object.entries(ages)) {
    it(`keeps nobody from a token (${when}), however short the request timeout`, async () => {
      await leaveHolder({ ageMs });
      const impatient = { ...context, config: { ...context.config, requestTimeoutMs: 1_000 } };
      const [token, tookMs] = await timed(() => getAccessToken(impatient));
      assertEquals([typeof token, tookMs], ["string", waitMs]);
    });

    it(`keeps nobody from signing out (${when})`, async () => {
      await leaveHolder({ ageMs });
      const [{ wasSignedIn }, tookMs] = await timed(() => logout(context));
      assertEquals([wasSignedIn, tookMs, await readRecord(context)], [true, waitMs, null]);
    });
  }

  it("is noticed by a login before the browser opens", async () => {
    await leaveHolder({ ageMs: 4_000 });
    const [{ code }] = await timed(() => caught(() => login(context)));
    assertEquals([code, opened], ["no_browser", [false]]);
  });
});

describe("a port that stays silent", () => {
  it("ends a login before the browser opens, with an error that names the port", async () => {
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => isAsked = resolve);
    const silent = createServer((socket) => void socket.on("error", () => {}).once("data", isAsked));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    await leaveHolder({ host: context.runtime.hostIdentity()!, port, ageMs: 3_600_000 });
    const clock = installFakeClock((durationMs) => durationMs >= 1_000);
    try {
      const failing = caught(() => login(context));
      await asked;
      await clock.advance(LOCK_TIMEOUT_MS);
      const { code, message, action, retryable } = await failing;
      assertEquals({ code, message, action, retryable, opened }, {
        code: "timeout",
        message: `Another process has held the credentials for 30 seconds (port ${port} of 127.0.0.1)`,
        action: "Try again; look for a suspended process of this tool, or another program on that port",
        retryable: true,
        opened: [],
      });
    } finally {
      clock.uninstall();
      await new Promise((resolve) => silent.close(resolve));
    }
  });
});

describe("a refresh whose process was suspended before it sent anything", () => {
  /** Takes the lock, and finds it lost so many times. */
  function losing(turns: number): ClientContext {
    let turn = 0;
    const { withLock } = context.store;
    const store = Object.assign(Object.create(context.store), {
      withLock: <T>(task: (held: Held) => Promise<T>, options: Parameters<typeof withLock>[1]) => {
        const isHeld = ++turn > turns;
        return withLock(() => task({ isStillHeld: () => Promise.resolve(isHeld) }), options);
      },
    });
    return { ...context, store };
  }

  it("takes the lock again, and sends one request", async () => {
    assertEquals(typeof await getAccessToken(losing(2)), "string");
    assertEquals(emulator.requests.map(({ endpoint }) => endpoint), ["token"]);
  });

  it("gives up in the end, having sent nothing", async () => {
    const { code, retryable } = await caught(() => getAccessToken(losing(3)));
    assertEquals([code, retryable, emulator.requests.length], ["timeout", true, 0]);
  });
});
