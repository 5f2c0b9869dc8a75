import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ROOT } from "../../scripts/deno_config.ts";
import { listSources } from "../../scripts/list_sources.ts";

describe("ARCHITECTURE.md", () => {
  it("names no file that does not exist", async () => {
    const text = await Deno.readTextFile(new URL("ARCHITECTURE.md", ROOT));
    const named = new Set(text.match(/[\w/]+\.ts\b/g));
    assertGreater(named.size, 20);
    const sources = (await listSources()).map((file) => `/${file}`);
    assertEquals([...named].filter((name) => !sources.some((file) => file.endsWith(`/${name}`))), []);
  });
});
