import { assert, assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { chmod, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createEmulator, createScriptedBrowser, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { canRunOn, OWN_RUNTIME, type Program, startProgram } from "../harness/program.ts";
import { isListening } from "../harness/raw_request.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";

const NEEDED = canRunOn(OWN_RUNTIME);

/**
 * How often a clock may tick while a process closes what it has open, which takes a tick or two. A connection would
 * keep it alive for more than two seconds, or a hundred ticks.
 */
const MAX_BEATS = 80;

const emulator = createEmulator({ behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque" } });
let server: ListeningEmulator;

beforeEach(async () => {
  server = await emulator.listen();
});
afterEach(() => server.close());

interface SignIn {
  program: Program;
  /** The authorization URL to open. */
  url: string;
  /** The port that it listens on. */
  port: number;
}

async function startSignIn(flags: string[] = [], env: Record<string, string> = {}): Promise<SignIn> {
  const config = JSON.stringify({ issuer: server.issuer, clientId: "emulator-cli", ui: "none" });
  const program = startProgram("sign_in", { args: [config, ...flags], env });
  const [, url = ""] = await program.waitForOutput(/^open (\S+)$/m);
  return { program, url, port: Number(new URL(new URL(url).searchParams.get("redirect_uri")!).port) };
}

async function assertEndsAtOnce({ ended }: Program): Promise<void> {
  const { code, stdout, stderr } = await ended;
  assertEquals([code, stderr], [0, ""]);
  const [, beats] = /^ended after (\d+) beats$/m.exec(stdout) ?? [];
  assert(Number(beats) <= MAX_BEATS, stdout);
}

describe("a process that has signed in", () => {
  itWith(NEEDED, "ends at once, whatever connections a browser opened in advance", async () => {
    const { program, url, port } = await startSignIn(["--count-beats"]);
    const spare = await Promise.all([openSocket(port), openSocket(port), openSocket(port)]);
    spare[1].write("GET / HTTP/1.1\r\nhost: ");
    await createScriptedBrowser().signIn(url);
    await program.waitForOutput(/signed in as ada@example.com/);
    await assertEndsAtOnce(program);
    assertFalse(await isListening(port));
    for (const socket of spare) socket.destroy();
  });

  itWith(NEEDED, "ends at once, even if the program that opened the browser keeps running", async () => {
    const folder = await makeTemporaryFolder();
    try {
      const browser = join(folder.path, "browser");
      // As long as its directory is there.
      await writeFile(browser, `#!/bin/sh\nwhile [ -d ${folder.path} ]; do sleep 0.1; done\n`);
      await chmod(browser, 0o700);
      const { program, url } = await startSignIn(["--own-browser", "--count-beats"], { BROWSER: browser });
      await createScriptedBrowser().signIn(url);
      await assertEndsAtOnce(program);
    } finally {
      await folder.remove();
    }
  });

  itWith(NEEDED, "is ended by Ctrl-C like any other process", async () => {
    const { program, url } = await startSignIn(["--stay"]);
    await createScriptedBrowser().signIn(url);
    await program.waitForOutput(/signed in/);
    interrupt(program, "SIGINT");
    const { code, signal } = await program.ended;
    assert(signal === "SIGINT" || code === 130, `${code} ${signal}`);
  });
});

describe("a process that is signing in", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    itWith(NEEDED, `frees the port and ends with 130 on ${signal}`, async () => {
      const { program, port } = await startSignIn();
      assert(await isListening(port));
      interrupt(program, signal);
      const { code, stdout, stderr } = await program.ended;
      assertEquals([code, stderr], [130, ""]);
      assert(stdout.endsWith("failed with cancelled\n"), stdout);
      assertFalse(await isListening(port));
    });
  }
});

/** Not by `child.kill()`: on Deno the process then counts as killed, whatever it does with the signal. */
function interrupt({ child }: Program, signal: "SIGINT" | "SIGTERM"): void {
  process.kill(child.pid!, signal);
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
  });
}
