import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ErrorReport, LoginActionReport, SignedInReport } from "@clerk/cli-auth/commands";
import { createEmulator, createScriptedBrowser, type Emulator } from "@clerk/cli-auth/testing";
import {
  beginLogin,
  type ClientContext,
  completeLogin,
  openContext,
  readRecord,
  resolveConfig,
} from "../doors/client.ts";
import { isClerkCliAuthError } from "../doors/core.ts";
import { CONFIG_DIRECTORY } from "../harness/config_directory.ts";
import { IS_THOROUGH } from "../harness/extent.ts";
import { createFakeRuntime } from "../harness/fake_runtime.ts";
import { runOnFullDisk } from "../harness/full_disk.ts";
import { SECRET_SERVICE, startKeyring } from "../harness/keyring.ts";
import {
  canRunOn,
  OWN_RUNTIME,
  type ProgramResult,
  type ProgramRuntime,
  QUICKEST_RUNTIME,
  runProgram,
  startProgram,
} from "../harness/program.ts";
import { itAtLength, itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { untilPushed } from "../harness/until_pushed.ts";

const NO_KEYCHAIN = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };
const NEEDED = canRunOn(QUICKEST_RUNTIME);
const PAIRS: [ProgramRuntime, ProgramRuntime][] = [["deno", "node"], ["node", "bun"], ["bun", "deno"]];

/** The issuer's polling interval, in seconds. */
const AT_ONCE = 0.001;
/** The shortest interval that clients use. */
const INTERVAL_MS = 100;

let emulator: Emulator;
let close: () => Promise<void>;
let issuer: string;
let folder: TemporaryFolder;

beforeEach(async () => {
  emulator = createEmulator({ behavior: { devicePollIntervalSeconds: AT_ONCE } });
  ({ issuer, close } = await emulator.listen());
  folder = await makeTemporaryFolder();
});
afterEach(async () => {
  await close();
  await folder.remove();
});

/** How the example program is started: without a terminal, and without a keychain unless `env` has one. */
function environment(env: Record<string, string> = NO_KEYCHAIN): Record<string, string> {
  return {
    ...env,
    [CONFIG_DIRECTORY]: folder.path,
    NOTES_ISSUER: issuer,
    NOTES_CLIENT_ID: emulator.application.clientId,
  };
}

interface RunOptions {
  runtime?: ProgramRuntime;
  env?: Record<string, string>;
}

/** Runs a command of the example program to its end. */
function notes(args: string[], { runtime = QUICKEST_RUNTIME, env }: RunOptions = {}): Promise<ProgramResult> {
  return runProgram("notes", { args, runtime, env: environment(env) });
}

async function begin(
  options?: RunOptions & { flags?: string[] },
): Promise<LoginActionReport & { method: "device" }> {
  const { stdout, stderr } = await notes(["login", "--no-wait", "--json", ...options?.flags ?? []], options);
  assert(stdout, stderr);
  return JSON.parse(stdout);
}

async function signIn(
  { verificationUri, userCode }: { verificationUri: string; userCode: string },
): Promise<void> {
  await createScriptedBrowser().signIn(verificationUri, { userCode });
}

function complete(
  { next }: LoginActionReport,
  flags: string[] = [],
  options?: RunOptions,
): Promise<ProgramResult> {
  return notes([...next.slice(1), ...flags], options);
}

function outcomeOf({ code, stdout, stderr }: ProgramResult): string {
  assert(stdout, stderr);
  const report: SignedInReport | ErrorReport = JSON.parse(stdout);
  return "error" in report ? `${report.error.code} ${code}` : `${report.status} ${code}`;
}

/** How often the token endpoint was called, and how often it issued tokens. */
function tokenRequests() {
  const requests = emulator.requests.filter(({ endpoint }) => endpoint === "token");
  return { asked: requests.length, granted: requests.filter(({ status }) => status === 200).length };
}

/** Resolves once the token endpoint was called this often. */
async function untilAsked(count: number): Promise<void> {
  await untilPushed(emulator.requests, () => tokenRequests().asked >= count);
}

async function everythingStored(): Promise<string> {
  const entries = await readdir(folder.path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith(".lock"));
  const read = files.map(({ parentPath, name }) => readUnlessGone(join(parentPath, name)));
  return (await Promise.all(read)).join("\n");
}

/** Processes may be replacing a file. */
async function readUnlessGone(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}

describe("A login in two commands", () => {
  for (const [first, second] of PAIRS) {
    itWith(canRunOn("node"), `is begun on ${first} and completed on ${second}`, async () => {
      const report = await begin({ runtime: first });
      await signIn(report);
      assertEquals(outcomeOf(await complete(report, [], { runtime: second })), "signed_in 0");
    });
  }

  itWith(NEEDED, "is completed by one of two concurrent processes; the other is told so", async () => {
    const report = await begin();
    await signIn(report);
    const outcomes = (await Promise.all([complete(report), complete(report)])).map(outcomeOf);
    assertEquals(outcomes.sort(), ["not_authenticated 1", "signed_in 0"]);
    assertEquals(tokenRequests().granted, 1);
  });

  itWith(NEEDED, "is polled at one pace, however many processes wait for it", async () => {
    const report = await begin();
    const waiting = Array.from({ length: 3 }, () => complete(report, ["--timeout", "600"]));
    await untilAsked(9);
    assertMatch(await everythingStored(), /\\"intervalMs\\":100,/, "nobody was told to slow down");
    await signIn(report);
    const outcomes = (await Promise.all(waiting)).map(outcomeOf);
    assertEquals(outcomes.sort(), ["not_authenticated 1", "not_authenticated 1", "signed_in 0"]);
  });

  itWith(NEEDED, "survives an agent that kills the waiting command", async () => {
    const report = await begin();
    const args = [...report.next.slice(1), "--timeout", "600"];
    const waiting = startProgram("notes", { args, env: environment(), runtime: QUICKEST_RUNTIME });
    await untilAsked(2);
    waiting.child.kill("SIGKILL");
    await waiting.ended;
    await signIn(report);
    assertEquals(outcomeOf(await complete(report)), "signed_in 0");
  });

  itWith(canRunOn(OWN_RUNTIME), "is not begun on a full disk, nor is its code used up there", async () => {
    const onFullDisk = (args: string[]) => runOnFullDisk("notes", { args, env: environment() });
    assertEquals(outcomeOf(await onFullDisk(["login", "--no-wait", "--json"])), "storage 1");
    const report = await begin();
    await signIn(report);
    assertEquals(outcomeOf(await onFullDisk(report.next.slice(1))), "storage 1");
    assertEquals(tokenRequests().asked, 0);
    assertEquals(outcomeOf(await complete(report)), "signed_in 0");
  });

  itWith(
    { missing: SECRET_SERVICE.missing ?? NEEDED.missing },
    "is sealed with the keychain, and waits for one that is gone by the second command",
    async () => {
      const keyring = await startKeyring();
      try {
        const report = await begin({ env: keyring.env });
        const stored = await everythingStored();
        assertMatch(stored, /"keyId"/);
        assertFalse(/deviceCode|nonce|expiresAt/.test(stored), stored);
        await signIn(report);
        assertEquals(outcomeOf(await complete(report)), "keychain 1");
        assertEquals(tokenRequests().asked, 0);
        assertEquals(outcomeOf(await complete(report, [], { env: keyring.env })), "signed_in 0");
      } finally {
        await keyring.close();
      }
    },
  );

  itWith(NEEDED, "leaves no secret in storage, output or command lines", async () => {
    const report = await begin();
    const [, deviceCode = ""] = /\\"deviceCode\\":\\"([\w-]+)/.exec(await everythingStored()) ?? [];
    assert(deviceCode);
    await signIn(report);
    const { stdout, stderr } = await complete(report);
    assertFalse((await everythingStored()).includes(deviceCode));
    for (const text of [JSON.stringify(report), stdout, stderr]) assertFalse(text.includes(deviceCode), text);
  });
});

describe("A process that is killed before any step", () => {
  let passedMs = 0;

  /** What the next process works with, a poll later. */
  async function nextProcess(): Promise<ClientContext> {
    const runtime = await createFakeRuntime({ env: { XDG_CONFIG_HOME: folder.path } });
    const aheadMs = passedMs += INTERVAL_MS;
    Object.assign(runtime, { now: () => Date.now() + aheadMs });
    return await openContext(resolveConfig(config()), runtime);
  }

  function config() {
    return { clientId: emulator.application.clientId, issuer, storage: "file" as const };
  }

  /** Runs a call up to a step and kills it there; returns the step, or nothing if there are no more. */
  async function killBefore(step: number, completion: string[] = []): Promise<string | undefined> {
    const program = startProgram("two_calls_in_steps", {
      args: [JSON.stringify(config()), String(step), ...completion],
      env: { [CONFIG_DIRECTORY]: folder.path },
      runtime: QUICKEST_RUNTIME,
    });
    const [, stoppedBefore] = await program.waitForOutput(/stopped before: (.*)\n|\}\n/);
    program.child.kill("SIGKILL");
    await program.ended;
    return stoppedBefore;
  }

  itWith(NEEDED, "of beginLogin() keeps nobody from starting and completing another one", async () => {
    const steps: string[] = [];
    for (let step = 1;; step += IS_THOROUGH ? 1 : 2) {
      const stoppedBefore = await killBefore(step);
      if (stoppedBefore === undefined) break;
      steps.push(stoppedBefore);
      const begun = await beginLogin(await nextProcess());
      assert(begun.method === "device");
      await signIn(begun);
      await completeLogin(await nextProcess(), { login: begun.login });
      await folder.remove();
      folder = await makeTemporaryFolder();
    }
    assertEquals(["send", "sync"].filter((name) => !steps.includes(name)), [], steps.join(", "));
  });

  /** Starts a login with a cooperating user; returns how to complete it. */
  async function beginAndSignIn(method: "device" | "paste"): Promise<{ login: string; response?: string }> {
    const begun = await beginLogin(await nextProcess(), { method });
    const { login } = begun;
    if (begun.method === "device") {
      await signIn(begun);
      return { login };
    }
    const person = createScriptedBrowser();
    return { login, response: (await person.signIn(begun.authorizationUrl, { visitCallback: false })).url };
  }

  for (const method of ["device", "paste"] as const) {
    const what = `of completeLogin() (${method}) leaves a login that can be completed, or says to begin anew`;
    // The steps are the same.
    const itOnce = method === "device" ? itWith : itAtLength;
    itOnce(NEEDED, what, async () => {
      const outcomes: string[] = [];
      for (let step = 1;; step += IS_THOROUGH ? 1 : 3) {
        const completion = await beginAndSignIn(method);
        emulator.requests.length = 0;
        const stoppedBefore = await killBefore(step, Object.values(completion));
        if (stoppedBefore === undefined) break;
        const { granted } = tokenRequests();
        const outcome = await completeLogin(await nextProcess(), completion).then(
          () => "completed",
          (error) => isClerkCliAuthError(error) ? error.code : String(error),
        );
        const isStored = (await readRecord(await nextProcess())) !== null;
        outcomes.push(
          `${granted === 0 ? "not granted" : "granted"}, ${isStored ? "stored" : "lost"}: ${outcome}`,
        );
        await folder.remove();
        folder = await makeTemporaryFolder();
      }
      assertMatch(
        outcomes.join("; "),
        /^(not granted, stored: completed; )+(granted, lost: not_authenticated; )+granted, stored: not_authenticated(; granted, stored: not_authenticated)*$/,
      );
    });
  }
});
