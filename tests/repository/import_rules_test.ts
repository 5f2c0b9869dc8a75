import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findImportViolations, type ModuleGraph, readModuleGraph } from "../../scripts/import_rules.ts";

/** A graph from lines such as `src/a.ts > src/b.ts`. */
function graph(...lines: string[]): ModuleGraph {
  const imports = lines.map((line) => line.split(" > "));
  return new Map(
    [...Map.groupBy(imports, ([module = ""]) => module)]
      .map(([module, group]) => [module, group.map(([, target = ""]) => target)]),
  );
}

describe("findImportViolations()", () => {
  it("finds nothing if every layer imports only those below it", () => {
    assertEquals(
      findImportViolations(
        graph(
          "mod.ts > src/client/a.ts",
          "src/client/a.ts > src/storage/a.ts",
          "src/storage/a.ts > src/runtime/a.ts",
          "src/runtime/a.ts > src/core/a.ts",
          "src/runtime/a.ts > node:http",
          "src/commands/a.ts > src/client/a.ts",
          "server.ts > src/server/a.ts",
          "src/server/a.ts > src/core/a.ts",
          "src/server/a.ts > npm:@clerk/backend@^3.25.0",
          "testing.ts > src/testing/a.ts",
          "src/testing/a.ts > src/server/a.ts",
          "tests/a_test.ts > tests/doors/testing.ts",
          "tests/doors/testing.ts > src/testing/a.ts",
        ),
      ),
      [],
    );
  });

  const broken: [rule: string, lines: string[], violations: string[]][] = [
    ["a layer that knows one above it", ["src/core/a.ts > src/client/b.ts"], [
      "src/core/a.ts imports src/client/b.ts, but src/core must not know src/client",
    ]],
    ["a client half that knows the server half", ["src/client/a.ts > src/server/b.ts"], [
      "src/client/a.ts imports src/server/b.ts, but src/client must not know src/server",
    ]],
    ["a module that imports an entry point", ["src/client/a.ts > mod.ts"], [
      "src/client/a.ts imports the entry point mod.ts",
    ]],
    ["a folder that no rule knows", ["src/extra/a.ts > src/core/b.ts"], [
      "src/extra/a.ts is in src/extra, which no rule knows",
    ]],
    ["an entry point that imports the emulator", ["mod.ts > src/testing/a.ts"], [
      "mod.ts imports src/testing/a.ts, which is for testing.ts, tests and examples",
    ]],
    ["a test that knows an inner module", ["tests/a_test.ts > src/core/b.ts"], [
      "tests/a_test.ts imports src/core/b.ts past tests/doors/core.ts",
    ]],
    ["a server half that reaches a module of Node", [
      "server.ts > src/server/a.ts",
      "src/server/a.ts > node:fs",
    ], [
      "server.ts reaches node:fs",
    ]],
    ["a server half that reaches the runtime", ["server.ts > src/runtime/a.ts"], [
      "server.ts reaches src/runtime/a.ts",
    ]],
    ["a server half that reaches the stores", ["server.ts > src/storage/a.ts"], [
      "server.ts reaches src/storage/a.ts",
    ]],
    ["a server half that reaches the client", ["server.ts > src/client/a.ts"], [
      "server.ts reaches src/client/a.ts",
    ]],
    ["code that imports itself in a circle", [
      "src/core/a.ts > src/core/b.ts",
      "src/core/b.ts > src/core/c.ts",
      "src/core/c.ts > src/core/a.ts",
      "src/core/d.ts > src/core/a.ts",
    ], [
      "Circular import: src/core/a.ts, src/core/b.ts, src/core/c.ts",
    ]],
  ];
  for (const [rule, lines, violations] of broken) {
    it(`finds ${rule}`, () => assertEquals(findImportViolations(graph(...lines)), violations));
  }
});

describe("readModuleGraph()", () => {
  it("includes type imports", async () => {
    const graph = await readModuleGraph(["scripts/compile/start_groups.ts"]);
    assertEquals(graph.get("scripts/compile/start_groups.ts"), ["scripts/compile/join_modules.ts"]);
  });
});
