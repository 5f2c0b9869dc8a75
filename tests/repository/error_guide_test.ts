import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readDocument } from "../../scripts/markdown.ts";
import { readDenoDoc } from "./deno_doc.ts";

describe("docs/troubleshooting.md", () => {
  it("has exactly one section per error code, in the order of the list", async () => {
    const sections = [...(await sectionsOf("docs/troubleshooting.md")).keys()];
    assertEquals(sections, await errorCodes());
  });

  it("says in every section who gets the error and what to do", async () => {
    for (const [code, text] of await sectionsOf("docs/troubleshooting.md")) {
      assert(/^\*\*(Client|Server)\b/m.test(text), `'${code}' does not say who meets it`);
      assert(/^\*\*Do:\*\* \S/m.test(text), `'${code}' does not say what to do`);
    }
  });
});

/** The members of the type `ErrorCode`, as the documentation of the package has them. */
async function errorCodes(): Promise<string[]> {
  const { symbols } = await readDenoDoc("src/core/errors.ts");
  const type = symbols.find(({ name }) => name === "ErrorCode")?.declarations[0]?.def.tsType;
  return (type?.value as { repr: string }[]).map(({ repr }) => repr);
}

/** The text of each section whose heading is a code. */
async function sectionsOf(path: string): Promise<Map<string, string>> {
  const { tokens } = await readDocument(path);
  const sections = new Map<string, string>();
  let code: string | undefined;
  for (const token of tokens) {
    if (token.type === "heading") code = /^`(\w+)`$/.exec(token.text)?.[1];
    if (code === undefined) continue;
    const text = token.type === "paragraph" ? `${token.text}\n` : "";
    sections.set(code, `${sections.get(code) ?? ""}${text}`);
  }
  return sections;
}
