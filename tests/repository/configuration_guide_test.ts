import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { codeBlocksOf, readDocument } from "../../scripts/markdown.ts";
import { type ModuleDoc, readDenoDoc } from "./deno_doc.ts";

const GUIDE = "docs/configuration.md";

describe(GUIDE, () => {
  for (
    const [index, [entry, type]] of [
      ["mod.ts", "ClerkCliAuthConfig"],
      ["server.ts", "CliAuthFactoryOptions"],
      ["server.ts", "HandleOptions"],
      ["server.ts", "FetchHandlerOptions"],
    ].entries()
  ) {
    it(`has every option of ${type}, with its documented default`, async () => {
      const { symbols } = await readDenoDoc(entry!);
      const options = optionsOf(type!, symbols);
      assert(options.length > 0);
      const tables = (await readDocument(GUIDE)).tokens.filter((token) => token.type === "table");
      const table = tables.filter(({ header }) => header[0]?.text === "option")[index];
      const rows = (table?.rows ?? []).map(([name, value]) =>
        [name, value].map((cell) => withoutCode(cell!.text))
      );
      assertEquals(rows.toSorted(), options.toSorted());
    });
  }

  it("lists every environment variable that the guide to Deno permits", async () => {
    const blocks = codeBlocksOf(await readDocument("docs/deno_cli.md"));
    const list = blocks.map(({ code }) => /--allow-env=(\S+)/.exec(code)?.[1]).find(Boolean) ?? "";
    // Those are for the loader of the keychain binding, which must not use them.
    const variables = list.split(",").filter((name) => !name.startsWith("NAPI_RS_"));
    assert(variables.includes("BROWSER"));
    const { tokens } = await readDocument(GUIDE);
    const named = tokens.flatMap((token) => token.type === "codespan" ? [token.text] : []);
    assertEquals(variables.filter((name) => !named.includes(name)), []);
  });
});

/** Lists the options of an interface with their defaults, including those that it picks from another one. */
function optionsOf(type: string, symbols: ModuleDoc["symbols"]): string[][] {
  const { properties = [], extends: bases = [] } =
    symbols.find(({ name }) => name === type)?.declarations[0]?.def ?? {};
  const picked = bases.flatMap(({ value: { typeName, typeParams: [from, keys] = [] } }) => {
    const names = [keys?.value].flat().map((key) => (key as { repr?: string } | undefined)?.repr);
    return typeName === "Pick" ? optionsOf(from!.repr, symbols).filter(([name]) => names.includes(name)) : [];
  });
  const own = properties.map(({ name, jsDoc }) => {
    const tag = jsDoc?.tags?.find(({ value }) => value?.startsWith("@default "));
    return [name, withoutCode(tag?.value?.slice("@default ".length) ?? "")];
  });
  return [...picked, ...own];
}

function withoutCode(text: string): string {
  return text.replaceAll("`", "");
}
