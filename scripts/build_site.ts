/**
 * Builds the site of the documents and the API reference into `.build/site`.
 *
 *     deno task site
 *
 * @module
 */
import GithubSlugger from "npm:github-slugger@2.0.0";
import { Marked, type MarkedToken } from "npm:marked@18.2.1";
import { CONFIG_FILE, currentRegistry } from "./registry.ts";
import { readDenoConfig, ROOT } from "./deno_config.ts";
import { emptyFolder } from "./folders.ts";
import { type Document, readDocument, readDocuments, tokensIn } from "./markdown.ts";
import { run } from "./run.ts";

/** Where the site is built. */
export const SITE: URL = new URL(".build/site/", ROOT);
const SOURCES = "https://github.com/clerk/cli-auth/blob/main/";

/** A heading with the text below it, as the search finds it. */
interface Section {
  title: string;
  page: string;
  url: string;
  text: string;
}

if (import.meta.main) await buildSite();

/** Builds the site. */
export async function buildSite(): Promise<void> {
  await emptyFolder(SITE);
  await Deno.mkdir(new URL("docs/", SITE));
  const documents = (await readDocuments()).filter(({ path }) => !path.startsWith("tests/"));
  const navigation = await readNavigation();
  const pages = new Set(documents.map(({ path }) => path));
  for (const { path } of documents) {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    const html = page({ path, text, navigation, pages });
    await Deno.writeTextFile(new URL(pageOf(path), SITE), html);
  }
  await Deno.writeTextFile(new URL("search.json", SITE), JSON.stringify(documents.flatMap(sectionsOf)));
  for (const name of ["site.js", "style.css"]) {
    await Deno.copyFile(new URL(`scripts/site/${name}`, ROOT), new URL(name, SITE));
  }
  await Deno.copyFile(new URL("docs/login.svg", ROOT), new URL("docs/login.svg", SITE));
  const { name, exports } = await readDenoConfig();
  const config = ["--import-map", CONFIG_FILE[currentRegistry()]];
  const options = ["--html", `--name=${name}`, "--output=.build/site/api"];
  await run(Deno.execPath(), ["doc", ...config, ...options, ...Object.values(exports)], { cwd: ROOT });
}

/** The file of a document: the README is the first page. */
function pageOf(path: string): string {
  return path === "README.md" ? "index.html" : path.replace(/\.md$/, ".html");
}

/** The lists of docs/README.md, as links for every page. */
async function readNavigation(): Promise<{ title: string; paths: string[] }[]> {
  const groups = [{ title: "Start", paths: ["README.md", "docs/README.md"] }];
  for (const token of (await readDocument("docs/README.md")).tokens) {
    if (token.type === "heading" && token.depth === 2) groups.push({ title: token.text, paths: [] });
    if (token.type === "link" && /^\w+\.md$/.test(token.href)) {
      groups.at(-1)!.paths.push(`docs/${token.href}`);
    }
  }
  const others = ["SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md"];
  return [...groups, { title: "Project", paths: others }];
}

interface PageOptions {
  path: string;
  text: string;
  navigation: { title: string; paths: string[] }[];
  pages: ReadonlySet<string>;
}

function page({ path, text, navigation, pages }: PageOptions): string {
  const root = path.includes("/") ? "../" : "";
  const links = navigation.map(({ title, paths }) => {
    const items = paths.map((target) => {
      const current = target === path ? ' aria-current="page"' : "";
      return `<li><a href="${root}${pageOf(target)}"${current}>${escape(titleOf(target))}</a></li>`;
    });
    return `<h2>${escape(title)}</h2><ul>${items.join("")}</ul>`;
  });
  const title = /^# (.+)$/m.exec(text)?.[1] ?? path;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title === "@clerk/cli-auth" ? title : `${title} · @clerk/cli-auth`)}</title>
<link rel="stylesheet" href="${root}style.css">
<script type="module" src="${root}site.js"></script>
</head>
<body data-root="${root}">
<header>
<a class="home" href="${root}index.html">@clerk/cli-auth</a>
<a href="${root}docs/README.html">Guides</a>
<a href="${root}api/index.html">API</a>
<search><input type="search" placeholder="Search" aria-label="Search the documents"><ol hidden></ol></search>
</header>
<nav aria-label="Documents"><details><summary>All documents</summary>${links.join("")}</details></nav>
<main>${render({ path, text, pages })}</main>
</body>
</html>
`;
}

/** A short name for a document in the navigation. */
function titleOf(path: string): string {
  const special: Readonly<Record<string, string>> = {
    "README.md": "Overview",
    "docs/README.md": "All guides",
    "docs/ci_with_api_keys.md": "CI with API keys",
    "docs/github_actions.md": "GitHub Actions",
    "docs/http_clients.md": "HTTP clients",
    "docs/oauth_application.md": "OAuth application",
    "docs/two_clis.md": "Two CLIs",
    "docs/headless_and_ssh.md": "Headless and SSH",
    "docs/deno_cli.md": "Deno",
    "docs/node_and_bun_cli.md": "Node and Bun",
    "docs/deno_deploy.md": "Deno Deploy",
    "docs/next.md": "Next.js",
  };
  const name = path.replace(/^docs\//, "").replace(/\.md$/, "").replaceAll("_", " ").toLowerCase();
  return special[path] ?? name[0]!.toUpperCase() + name.slice(1);
}

function render({ path, text, pages }: Pick<PageOptions, "path" | "text" | "pages">): string {
  const slugger = new GithubSlugger();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const content = this.parser.parseInline(tokens);
        const id = slugger.slug(plain(tokens as MarkedToken[]));
        return `<h${depth} id="${id}"><a href="#${id}">${content}</a></h${depth}>\n`;
      },
    },
    walkTokens(token) {
      if (token.type === "link" || token.type === "image") token.href = linkFrom(path, token.href, pages);
    },
  });
  return (marked.parse(text) as string).replaceAll("<table>", '<div class="scroll"><table>')
    .replaceAll("</table>", "</table></div>");
}

/** Where a link of a document leads on the site, or among the sources. */
function linkFrom(path: string, href: string, pages: ReadonlySet<string>): string {
  if (href.startsWith("#") || URL.canParse(href)) return href;
  const { pathname, hash } = new URL(href, `file:///${path}`);
  const target = pathname.slice(1);
  const root = path.includes("/") ? "../" : "";
  if (pages.has(target)) return root + pageOf(target) + hash;
  return target === "docs/login.svg" ? root + target : SOURCES + target + hash;
}

function sectionsOf({ path }: Document): Section[] {
  const slugger = new GithubSlugger();
  const sections: Section[] = [];
  const text = Deno.readTextFileSync(new URL(path, ROOT));
  for (const token of tokensIn(text)) {
    if (token.type === "heading") {
      const title = plain(token.tokens as MarkedToken[]);
      const url = `${pageOf(path)}#${slugger.slug(title)}`;
      sections.push({ title, page: titleOf(path), url, text: "" });
    } else if (token.type === "paragraph" || token.type === "code" || token.type === "table") {
      const section = sections.at(-1);
      if (section) section.text += ` ${token.raw.replaceAll(/\s+/g, " ")}`;
    } else if (token.type === "list_item" && sections.length > 0) {
      sections.at(-1)!.text += ` ${token.text.replaceAll(/\s+/g, " ")}`;
    }
  }
  return sections;
}

/** The text of a heading without its markup. */
function plain(tokens: readonly MarkedToken[]): string {
  return tokens.map((token) =>
    "tokens" in token && token.tokens
      ? plain(token.tokens as MarkedToken[])
      : "text" in token
      ? token.text
      : ""
  ).join("");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
