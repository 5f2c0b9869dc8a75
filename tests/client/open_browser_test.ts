import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openInBrowser } from "../doors/client.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";

const URL_WITH_ALL = "https://clerk.example.com/oauth/authorize?a=1&b=%25$(id)`id`;|<>\"'&c=$1";
const NEVER_OVER = new AbortController().signal;

/** How long a launcher may take to fail. */
const LAUNCH_MS = 2_000;

/** Returns the programs that are tried for a URL if none works. */
async function triedOn(options: FakeRuntimeOptions, url = URL_WITH_ALL): Promise<string[][]> {
  const runtime = await createFakeRuntime({ platform: "linux", ...options });
  assertEquals(await openInBrowser(runtime, url, NEVER_OVER), false);
  return runtime.launched;
}

describe("openInBrowser() passes the URL, as one argument and without a shell,", () => {
  const launchers: [where: string, options: FakeRuntimeOptions, expected: string[][]][] = [
    ["to xdg-open on Linux", {}, [["xdg-open", URL_WITH_ALL]]],
    ["to open on macOS", { platform: "darwin" }, [["open", URL_WITH_ALL]]],
    ["to rundll32 on Windows, as a shell would cut it at '&'", { platform: "windows" }, [
      ["rundll32.exe", "url.dll,FileProtocolHandler", URL_WITH_ALL],
    ]],
    ["to the system's own on Windows, as Node and Bun search the working directory first", {
      platform: "windows",
      env: { SystemRoot: "C:\\Windows" },
      parts: { name: "node" },
    }, [["C:\\Windows\\System32\\rundll32.exe", "url.dll,FileProtocolHandler", URL_WITH_ALL]]],
    ["to rundll32 on Windows in Deno, which only looks in PATH and permits by name", {
      platform: "windows",
      env: { SystemRoot: "C:\\Windows" },
      parts: { name: "deno" },
    }, [["rundll32.exe", "url.dll,FileProtocolHandler", URL_WITH_ALL]]],
    ["to Windows' browser in WSL", { env: { WSL_DISTRO_NAME: "Debian" } }, [
      ["wslview", URL_WITH_ALL],
      ["rundll32.exe", "url.dll,FileProtocolHandler", URL_WITH_ALL],
      ["xdg-open", URL_WITH_ALL],
    ]],
    ["to what BROWSER names", { env: { BROWSER: "firefox" } }, [["firefox", URL_WITH_ALL]]],
    ["to each that BROWSER names, with its arguments", { env: { BROWSER: "a --new %s --x:b -p one" } }, [
      ["a", "--new", URL_WITH_ALL, "--x"],
      ["b", "-p", "one", URL_WITH_ALL],
    ]],
    ["to a path that BROWSER names on Windows, then to rundll32", {
      platform: "windows",
      env: { BROWSER: "C:\\Program Files\\Browser\\browser.exe --new" },
    }, [
      ["C:\\Program Files\\Browser\\browser.exe", "--new", URL_WITH_ALL],
      ["rundll32.exe", "url.dll,FileProtocolHandler", URL_WITH_ALL],
    ]],
    ["to each that BROWSER names on Windows, then to rundll32", {
      platform: "windows",
      env: { BROWSER: '"D:\\my tools\\open.com" --url=%s;node open.js;E:\\b.EXE' },
    }, [
      ["D:\\my tools\\open.com", `--url=${URL_WITH_ALL}`],
      ["node", "open.js", URL_WITH_ALL],
      ["E:\\b.EXE", URL_WITH_ALL],
      ["rundll32.exe", "url.dll,FileProtocolHandler", URL_WITH_ALL],
    ]],
    ["to each placeholder in BROWSER", { env: { BROWSER: "a --url=%s" } }, [[
      "a",
      `--url=${URL_WITH_ALL}`,
    ]]],
  ];
  for (const [where, options, expected] of launchers) {
    it(where, async () => assertEquals(await triedOn(options), expected));
  }
});

describe("openInBrowser()", () => {
  it("opens nothing but http and https", async () => {
    for (const url of ["file:///etc/passwd", "javascript:alert(1)", "vscode://x"]) {
      assertEquals(await triedOn({}, url), []);
    }
  });

  const exits = (code: number) => () => ({ exited: Promise.resolve(code) });

  it("trusts a launcher that succeeds", async () => {
    assert(
      await openInBrowser(
        await createFakeRuntime({ platform: "linux", launch: exits(0) }),
        URL_WITH_ALL,
        NEVER_OVER,
      ),
    );
  });

  it("tries the next one if a launcher fails", async () => {
    const runtime = await createFakeRuntime({
      platform: "linux",
      env: { BROWSER: "bad:good:unused" },
      launch: (command) => ({ exited: Promise.resolve(command === "good" ? 0 : 3) }),
    });
    assert(await openInBrowser(runtime, URL_WITH_ALL, NEVER_OVER));
    assertEquals(runtime.launched.map(([command]) => command), ["bad", "good"]);
  });

  it("stops waiting for a launcher once the login is over", async () => {
    const runtime = await createFakeRuntime({
      platform: "linux",
      launch: () => ({ exited: new Promise(() => {}) }),
    });
    await onFakeClock(async (clock) => {
      const over = new AbortController();
      const opening = openInBrowser(runtime, URL_WITH_ALL, over.signal);
      await clock.untilSet(LAUNCH_MS);
      over.abort();
      assert(await opening);
    });
  });

  it("stops waiting for a launcher that starts only once the login is over", async () => {
    const over = new AbortController();
    const runtime = await createFakeRuntime({
      platform: "linux",
      launch: () => {
        over.abort();
        return { exited: new Promise(() => {}) };
      },
    });
    await onFakeClock(async (clock) => {
      const opening = openInBrowser(runtime, URL_WITH_ALL, over.signal);
      await clock.untilSet(0);
      await clock.advance(0);
      assert(await opening);
    });
  });

  it("assumes that a launcher that keeps running has opened something", async () => {
    const runtime = await createFakeRuntime({
      platform: "linux",
      launch: () => ({ exited: new Promise(() => {}) }),
    });
    await onFakeClock(async (clock) => {
      const opening = openInBrowser(runtime, URL_WITH_ALL, NEVER_OVER);
      await clock.untilSet(LAUNCH_MS);
      await clock.advance(LAUNCH_MS);
      assert(await opening);
    });
  });
});
