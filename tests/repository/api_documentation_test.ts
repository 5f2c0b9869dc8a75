import { assertEquals, assertMatch } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { readDenoConfig } from "../../scripts/deno_config.ts";
import { type DocDeclaration, type DocMember, type ModuleDoc, readDenoDoc } from "./deno_doc.ts";

/** A block that `deno task check` runs: one that is not marked `ignore`. */
const RUNNING_EXAMPLE = /^```ts$/m;

for (const [subpath, file] of Object.entries((await readDenoConfig()).exports)) {
  describe(`the documentation of '${subpath}'`, () => {
    let documentation: ModuleDoc;

    beforeAll(async () => {
      documentation = await readDenoDoc(file);
    });

    it("starts with the purpose of the module, and an example", () => {
      const { doc = "", tags = [] } = documentation.moduleDoc;
      assertMatch(doc, /^[A-Z][^]+\./);
      assertMatch([doc, ...tags.map(({ doc }) => doc)].join("\n"), /^```(ts|sh)\b/m);
    });

    it("describes each export and each of its members", () => {
      const missing = documentation.symbols.flatMap(({ name, declarations }) =>
        declarations.flatMap((declaration) => undocumented(name, declaration))
      );
      assertEquals(missing, []);
    });

    it("runs an example of each function, class and value", () => {
      const missing = documentation.symbols.filter(({ declarations }) =>
        declarations.some(isValue) && !declarations.some(hasRunningExample)
      );
      assertEquals(missing.map(({ name }) => name), []);
    });
  });
}

function undocumented(name: string, { jsDoc, def }: DocDeclaration): string[] {
  const { constructors = [], methods = [], properties = [] } = def;
  const members = [...constructors, ...methods, ...properties].filter(isPublic);
  return [
    ...(jsDoc?.doc ? [] : [name]),
    ...members.filter(({ jsDoc }) => !jsDoc?.doc).map((member) => `${name}.${member.name}`),
  ];
}

function isPublic({ accessibility }: DocMember): boolean {
  return accessibility !== "private";
}

function isValue({ kind }: DocDeclaration): boolean {
  return kind === "function" || kind === "class" || kind === "variable";
}

function hasRunningExample({ jsDoc }: DocDeclaration): boolean {
  return jsDoc?.tags?.some(({ kind, doc }) => kind === "example" && RUNNING_EXAMPLE.test(doc ?? "")) ?? false;
}
