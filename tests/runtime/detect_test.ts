import { afterEach, describe, it } from "@std/testing/bdd";
import { assertEquals, assertStrictEquals } from "@std/assert";
import process from "node:process";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { loadRuntime } from "../../src/runtime/load.ts";
import { OWN_RUNTIME, runProgram } from "../harness/program.ts";

const PLATFORMS: Record<string, string> = { linux: "linux", darwin: "darwin", win32: "windows" };

describe("detectRuntime()", () => {
  const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator");

  afterEach(() => {
    if (navigator === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", navigator);
  });

  it("tells the runtime", () => {
    assertEquals(detectRuntime(), OWN_RUNTIME);
  });

  it("tells it although a test environment has put a browser's navigator in place, or none", () => {
    for (const value of [{ userAgent: "Mozilla/5.0 (linux) jsdom/26.0.0" }, {}, undefined]) {
      Object.defineProperty(globalThis, "navigator", { value, configurable: true });

      assertEquals(detectRuntime(), OWN_RUNTIME);
    }
  });
});

describe("loadRuntime()", () => {
  it("loads the adapter of this runtime, once", async () => {
    const [first, second] = await Promise.all([loadRuntime(), loadRuntime()]);

    assertEquals([first.name, first.platform], [OWN_RUNTIME, PLATFORMS[process.platform] ?? "other"]);
    assertStrictEquals(first, second);
    assertEquals(Math.abs(first.now() - Date.now()) < 1_000, true);
  });

  it("prints nothing and leaves nothing behind that keeps the process alive", async () => {
    const { code, stdout, stderr } = await runProgram("runtime/read_env", { args: [] });

    assertEquals([code, JSON.parse(stdout).length, stderr], [0, 1, ""]);
  });
});
