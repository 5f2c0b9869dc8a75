import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ROOT } from "../../scripts/deno_config.ts";
import { readDocument, tokensIn } from "../../scripts/markdown.ts";

interface Link {
  text: string;
  href: string;
}

/** The links in each cell of each row of every table. */
const rows = (await readDocument("SECURITY.md")).tokens
  .flatMap((token) => token.type === "table" ? token.rows : [])
  .map((row) => row.map(({ text }) => linksIn(text)));

describe("SECURITY.md", () => {
  it("names the sources that meet each requirement", () => {
    assertGreater(rows.length, 50);
    assertEquals(rows.filter((row) => !row.at(-2)?.every(isIn(/^src\/.+\.ts$/)) || !row.at(-2)?.length), []);
  });

  it("names one existing test for each requirement", async () => {
    const missing: Link[] = [];
    for (const row of rows) {
      const [test = { text: "", href: "none" }, ...others] = row.at(-1) ?? [];
      if (others.length > 0 || !await hasTest(test)) missing.push(test);
    }
    assertEquals(missing, []);
  });

  it("would fail for a test that does not exist", async () => {
    const href = "tests/repository/security_test.ts";
    assertEquals(await hasTest({ text: ["no", "such", "test"].join(" "), href }), false);
    assertEquals(await hasTest({ text: "a test", href: "tests/none_test.ts" }), false);
  });
});

function linksIn(markdown: string): Link[] {
  return tokensIn(markdown).filter((token) => token.type === "link");
}

function isIn(pattern: RegExp): (link: Link) => boolean {
  return ({ href }) => pattern.test(href);
}

/** Whether a test file has a test with exactly this title. */
async function hasTest({ text, href }: Link): Promise<boolean> {
  if (!/^tests\/.+_test\.ts$/.test(href)) return false;
  const source = await Deno.readTextFile(new URL(href, ROOT)).catch(() => "");
  return source.includes(JSON.stringify(text));
}
