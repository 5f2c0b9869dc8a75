import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parseDocument } from "npm:yaml@2.9.1";
import { codeBlocksOf, readDocuments, tokensIn } from "../../scripts/markdown.ts";

const FENCE = "```";

describe("codeBlocksOf()", () => {
  it("returns the language, the file and whether a block is ignored, even in lists", () => {
    const text =
      `${FENCE}ts ignore\n// cli.ts\nconst a = 1;\n${FENCE}\n\n- item\n\n  ${FENCE}sh\n  ls\n  ${FENCE}\n`;
    assertEquals(codeBlocksOf({ path: "a.md", tokens: tokensIn(text) }), [
      {
        document: "a.md",
        number: 1,
        language: "ts",
        isIgnored: true,
        file: "cli.ts",
        code: "// cli.ts\nconst a = 1;\n",
      },
      { document: "a.md", number: 2, language: "sh", isIgnored: false, file: undefined, code: "ls\n" },
    ]);
  });
});

/** The languages that are checked: here, by `deno task check`, or by the tests of commands and guides. */
const LANGUAGES = ["", "js", "json", "jsonc", "mermaid", "sh", "ts", "tsx", "yaml"];

const blocks = (await readDocuments()).flatMap(codeBlocksOf);

describe("the blocks of the documents", () => {
  it("are in a language that is checked, or terminal output", () => {
    assertEquals(blocks.filter(({ language }) => !LANGUAGES.includes(language)), []);
  });

  it("are JSON if they say so", () => {
    for (const { language, code } of blocks) if (language === "json") JSON.parse(code);
  });

  it("are YAML if they say so", () => {
    for (const { language, code, document } of blocks) {
      if (language === "yaml") assertEquals(parseDocument(code).errors, [], document);
    }
  });
});
