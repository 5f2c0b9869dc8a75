import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { replaceFile } from "../doors/runtime.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { systemError } from "../harness/fake_runtime.ts";

/** Replaces a file after these failures; returns the number of tries, the time they took and the error. */
function replace(failures: readonly Error[]): Promise<{ tries: number; tookMs: number; error?: unknown }> {
  return onFakeClock(async (clock) => {
    const begun = performance.now();
    let tries = 0;
    const replacing = replaceFile(() => {
      const failure = failures[tries++];
      return failure ? Promise.reject(failure) : Promise.resolve();
    });
    const error = await clock.passWhile(replacing, 1_000).catch((error) => error);
    return { tries, tookMs: performance.now() - begun, ...(error && { error }) };
  });
}

describe("replaceFile()", () => {
  for (const code of ["EPERM", "EACCES", "EBUSY"]) {
    it(`tries again while others read the file (${code})`, async () => {
      assertEquals(await replace([systemError(code), systemError(code)]), { tries: 3, tookMs: 3 });
    });
  }

  it("gives up after three seconds, with the last error", async () => {
    const failures = Array.from({ length: 300 }, () => systemError("EPERM"));
    const { tries, tookMs, error } = await replace(failures);
    assertEquals([tries, tookMs], [200, 3_064]);
    assertStrictEquals(error, failures[199]);
  });

  it("does not retry after any other error", async () => {
    const failure = systemError("ENOSPC");
    assertEquals(await replace([failure]), { tries: 1, tookMs: 0, error: failure });
  });
});
