import { assert, assertEquals } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { buildSite, SITE } from "../../scripts/build_site.ts";
import { listFiles } from "./npm_package/package_files.ts";

describe("the site", () => {
  let pages: Map<string, string>;

  beforeAll(async () => {
    await buildSite();
    const files = (await listFiles(SITE, /\.html$/)).filter((file) => !file.startsWith("api/"));
    pages = new Map(
      await Promise.all(
        files.map(async (file) => [file, await Deno.readTextFile(new URL(file, SITE))] as const),
      ),
    );
  });

  it("has a page for the README and every guide", () => {
    for (const file of ["index.html", "docs/README.html", "docs/configuration.html", "SECURITY.html"]) {
      assert(pages.has(file), file);
    }
  });

  it("links only to existing pages, headings and files", async () => {
    const broken: string[] = [];
    for (const [file, html] of pages) {
      for (const [, href = ""] of html.matchAll(/(?:href|src)="([^"]+)"/g)) {
        if (URL.canParse(href)) continue;
        const { pathname, hash } = new URL(href, `http://site/${file}`);
        const target = pathname.slice(1);
        const isThere = pages.has(target)
          ? hash === "" || pages.get(target)!.includes(`id="${decodeURIComponent(hash.slice(1))}"`)
          : await Deno.stat(new URL(target, SITE)).then(() => true, () => false);
        if (!isThere) broken.push(`${file}: ${href}`);
      }
    }
    assertEquals(broken, []);
  });

  it("finds every heading", async () => {
    const sections: { url: string }[] = JSON.parse(await Deno.readTextFile(new URL("search.json", SITE)));
    const urls = new Set(sections.map(({ url }) => url));
    for (const [file, html] of pages) {
      for (const [, id] of html.matchAll(/<h[1-6] id="([^"]+)"/g)) {
        assert(urls.has(`${file}#${id}`), `${file}#${id}`);
      }
    }
  });
});
