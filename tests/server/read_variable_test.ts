import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Host, readVariable, variableIn, variablesOf } from "../doors/server.ts";

const NAME = "CLERK_SECRET_KEY";

/** A Deno with a variable that has been granted, or has not. */
function denoWith(value: string, state?: string) {
  const asked: unknown[] = [];
  const read: string[] = [];
  const env = { get: (name: string) => (read.push(name), name === NAME ? value : undefined) };
  const permissions = {
    querySync: (descriptor: unknown) => (asked.push(descriptor), { state: state ?? "" }),
  };
  return { asked, read, Deno: { env, ...(state !== undefined && { permissions }) } };
}

describe("readVariable()", () => {
  for (
    const [what, host, expected] of [
      ["a host without an environment", {}, undefined],
      ["a process without an environment", { process: {} }, undefined],
      ["a process", { process: { env: { [NAME]: "sk_1" } } }, "sk_1"],
      ["a process where it is empty", { process: { env: { [NAME]: "" } } }, ""],
      ["a process where it is not set", { process: { env: { OTHER: "sk_1" } } }, undefined],
      ["a Deno that knows no permissions", denoWith("sk_1"), "sk_1"],
      ["a Deno where it is empty", denoWith(""), ""],
      ["a Deno of an old kind", { Deno: { ...denoWith("sk_1").Deno, permissions: {} } }, "sk_1"],
      ["a Deno, which comes before its process", {
        ...denoWith("sk_1"),
        process: { env: { [NAME]: "sk_2" } },
      }, "sk_1"],
    ] as [string, Host, string | undefined][]
  ) {
    it(`asks ${what}`, () => assertEquals(readVariable(NAME, host), expected));
  }

  for (
    const [state, expected] of [["granted", "sk_1"], ["prompt", null], ["denied", null]] as const
  ) {
    it(`checks the permission before it reads, and never prompts: ${state}`, () => {
      const { Deno, asked, read } = denoWith("sk_1", state);
      assertEquals(readVariable(NAME, { Deno }), expected);
      assertEquals(asked, [{ name: "env", variable: NAME }]);
      assertEquals(read, expected === null ? [] : [NAME]);
    });
  }

  it("asks the runtime that it runs on", () => {
    assertEquals(readVariable("CLERK_CLI_AUTH_NO_SUCH_VARIABLE"), undefined);
  });
});

describe("variableIn()", () => {
  for (
    const [env, expected] of [
      [{ [NAME]: "sk_1" }, "sk_1"],
      [{ [NAME]: "" }, ""],
      [{ [NAME]: 7 }, ""],
      [{ [NAME]: { get: "sk_1" } }, ""],
      [{ [NAME]: null }, ""],
      [{}, undefined],
      [null, undefined],
      [undefined, undefined],
      ["sk_1", undefined],
    ] as const
  ) {
    it(`finds ${JSON.stringify(expected)} in ${JSON.stringify(env)}`, () =>
      assertEquals(variableIn(env, NAME), expected));
  }

  it("takes precedence over the environment of the process", () => {
    assertEquals(variablesOf({ [NAME]: "sk_1" })(NAME), "sk_1");
  });
});
