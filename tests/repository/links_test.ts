import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import GithubSlugger from "npm:github-slugger@2.0.0";
import { ROOT } from "../../scripts/deno_config.ts";
import { type Document, readDocument, readDocuments, tokensIn } from "../../scripts/markdown.ts";

const documents = await readDocuments();

/** Documents about the package itself are not guides. */
const GUIDE = /^docs\/(?!README|comparison|dependencies|faults|performance)/;

describe("every link within the repository", () => {
  for (const document of documents) {
    it(`leads somewhere in ${document.path}`, async () => {
      assertEquals(await brokenLinks(document), []);
    });
  }

  it("is found if it leads nowhere", async () => {
    const text =
      "[a](README.md#no-such-heading) ![b](docs/none.png) [c](https://example.com/none) [d](docs/)";
    const document = { path: "README.md", tokens: tokensIn(text) };
    assertEquals(await brokenLinks(document), ["README.md#no-such-heading", "docs/none.png"]);
  });
});

describe("docs/README.md", () => {
  it("lists every guide", async () => {
    const listed = linksOf(await readDocument("docs/README.md"));
    const guides = documents.map(({ path }) => path).filter((path) => GUIDE.test(path));
    assertEquals(guides.filter((path) => !listed.includes(path.slice("docs/".length))), []);
  });
});

function linksOf({ tokens }: Document): string[] {
  return tokens.flatMap((token) => token.type === "link" || token.type === "image" ? [token.href] : []);
}

async function brokenLinks(document: Document): Promise<string[]> {
  const inside = linksOf(document).filter((href) => !URL.canParse(href));
  const found = await Promise.all(inside.map((href) => leadsSomewhere(href, document)));
  return inside.filter((_, index) => !found[index]);
}

async function leadsSomewhere(href: string, { path, tokens }: Document): Promise<boolean> {
  const target = new URL(href, new URL(path, ROOT));
  const anchor = decodeURIComponent(target.hash.slice(1));
  if (href.startsWith("#")) return anchorsOf({ path, tokens }).includes(anchor);
  target.hash = "";
  if (!target.href.startsWith(ROOT.href) || !await exists(target)) return false;
  if (anchor === "") return true;
  return anchorsOf(await readDocument(target.href.slice(ROOT.href.length))).includes(anchor);
}

async function exists(file: URL): Promise<boolean> {
  return await Deno.stat(file).then(() => true, () => false);
}

/** The anchors that GitHub gives the headings of a document. */
function anchorsOf({ tokens }: Document): string[] {
  const slugger = new GithubSlugger();
  return tokens.flatMap((token) => token.type === "heading" ? [slugger.slug(plain(token.text))] : []);
}

/** The text of a heading without its markup. */
function plain(markdown: string): string {
  const texts = tokensIn(markdown).filter((token) => token.type === "text" || token.type === "codespan");
  return texts.map(({ text }) => text).join("");
}
