import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ROOT } from "../../scripts/deno_config.ts";
import { codeBlocksOf, readDocument } from "../../scripts/markdown.ts";

/** The guides with the files of `examples/deploy` that they show; tests/server_platforms starts those. */
const GUIDES: Readonly<Record<string, readonly string[]>> = {
  "docs/deno_deploy.md": ["deno/main.ts"],
  "docs/express.md": ["express/server.js", "node/server.js"],
  "docs/hono.md": ["hono/app.js"],
  "docs/next.md": ["next/app/api/me/route.ts"],
  "docs/workers.md": ["workers/worker.ts", "workers/wrangler.jsonc"],
};

describe("a guide to a platform", () => {
  for (const [guide, examples] of Object.entries(GUIDES)) {
    for (const example of examples) {
      it(`shows ${example} in ${guide} exactly as in examples/deploy`, async () => {
        const text = await Deno.readTextFile(new URL(`examples/deploy/${example}`, ROOT));
        const blocks = codeBlocksOf(await readDocument(guide)).map(({ code }) => code);
        assert(blocks.includes(withoutHeading(text)), `the guide shows\n${blocks.join("\n---\n")}`);
      });
    }
  }

  it("omits the comment at the top of a file", () => {
    assertEquals(withoutHeading("// One.\n// Two.\nconst a = 1;\n// Three.\n"), "const a = 1;\n// Three.\n");
  });
});

/** The guide itself says what the comment at the top of the file says. */
function withoutHeading(text: string): string {
  return text.replace(/^(?:\/\/.*\n)+/, "");
}
