import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertStrictEquals } from "@std/assert";
import process from "node:process";
import { detectRuntime, loadRuntime } from "../doors/runtime.ts";
import { OWN_RUNTIME, runProgram } from "../harness/program.ts";

const PLATFORMS: Record<string, string> = { linux: "linux", darwin: "darwin", win32: "windows" };

/** The detected runtime while these globals replace its own. */
function detectWith(globals: { Deno?: unknown; navigator?: unknown; process?: unknown }) {
  const own = Object.keys(globals).map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
  );
  try {
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { value, configurable: true });
    }
    return detectRuntime();
  } finally {
    for (const [name, descriptor] of own) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

describe("detectRuntime()", () => {
  const browser = { userAgent: "Mozilla/5.0 (linux) jsdom/26.0.0" };
  const nothing = { Deno: undefined, navigator: undefined, process: undefined };

  it("recognizes the runtime", () => {
    assertEquals(detectRuntime(), OWN_RUNTIME);
  });

  it("recognizes it even if a test environment replaced the navigator, or there is none", () => {
    for (const navigator of [browser, {}, undefined]) {
      assertEquals(detectWith({ navigator }), OWN_RUNTIME);
    }
  });

  for (
    const [name, agent] of [["deno", "Deno/2.9.6"], ["node", "Node.js/22"], ["bun", "Bun/1.4.5"]] as const
  ) {
    it(`recognizes ${agent} by its user agent`, () => {
      assertEquals(detectWith({ ...nothing, navigator: { userAgent: agent } }), name);
    });
  }

  it("relies on the runtimes' own globals if the navigator says nothing", () => {
    const versions = { node: "20.20.2" };

    assertEquals(detectWith({ ...nothing, navigator: browser, Deno: {}, process: { versions } }), "deno");
    assertEquals(detectWith({ ...nothing, process: { versions: { ...versions, bun: "1.4.5" } } }), "bun");
    assertEquals(detectWith({ ...nothing, process: { versions } }), "node");
  });

  it("recognizes nothing else", () => {
    assertEquals(detectWith(nothing), undefined);
    assertEquals(detectWith({ ...nothing, navigator: browser, process: { versions: {} } }), undefined);
    assertEquals(detectWith({ ...nothing, navigator: { userAgent: "Cloudflare-Workers" } }), undefined);
  });
});

describe("loadRuntime()", () => {
  it("loads the adapter of this runtime, once", async () => {
    const [first, second] = await Promise.all([loadRuntime(), loadRuntime()]);

    assertEquals([first.name, first.platform], [OWN_RUNTIME, PLATFORMS[process.platform] ?? "other"]);
    assertStrictEquals(first, second);
    const times = [Date.now(), first.now(), Date.now()];
    assertEquals(times, times.toSorted());
  });

  it("rejects with 'config' if no adapter fits", async () => {
    assertEquals((await runProgram("runtime/nowhere")).stdout, "config\n");
  });

  it("prints nothing and keeps no process alive", async () => {
    const { code, stdout, stderr } = await runProgram("runtime/read_env", { args: [] });

    assertEquals([code, JSON.parse(stdout).length, stderr], [0, 1, ""]);
  });
});
