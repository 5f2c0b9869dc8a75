import { assert, assertEquals } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { listSources } from "../../scripts/list_sources.ts";
import { readDocument } from "../../scripts/markdown.ts";
import { type LockedPackage, lockPublished } from "../../scripts/audit.ts";
import { npmManifest } from "../../scripts/npm/manifest.ts";
import { splitNpmSpecifier } from "../../scripts/npm_specifier.ts";

const PERMISSIVE = ["MIT", "0BSD", "ISC", "BSD-2-Clause", "Unlicense"];

/** The versions of each package, as `docs/dependencies.md` has them, by table. */
async function documented(): Promise<{ published: Record<string, string>; others: Record<string, string> }> {
  const { tokens } = await readDocument("docs/dependencies.md");
  const [published = {}, _downloads, others = {}] = tokens.flatMap((token) =>
    token.type === "table"
      ? [Object.fromEntries(
        token.rows.map(([name, version]) => [name?.text.replaceAll("`", "") ?? "", version?.text ?? ""]),
      )]
      : []
  );
  return { published, others };
}

/** What the sources import from npm, `deno.json` from JSR, and the tasks run. */
async function imported(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const { imports, tasks } = await readDenoConfig();
  for (const target of Object.values(imports)) add(found, target.replace(/^jsr:/, "npm:"));
  for (const [, name] of JSON.stringify(tasks).matchAll(/--package=(\S+)/g)) add(found, `npm:${name}`);
  for (const file of await listSources()) {
    const source = await Deno.readTextFile(new URL(file, ROOT));
    for (const [, specifier = ""] of source.matchAll(/["'](npm:[@\w][^"'$`\s]*)["']/g)) add(found, specifier);
  }
  return found;
}

function add(found: Record<string, string>, specifier: string): void {
  const { name, range } = splitNpmSpecifier(specifier);
  const known = found[name];
  assert(known === undefined || known === range, `${name} is imported as ${known} and as ${range}`);
  found[name] = range;
}

describe("the dependencies", () => {
  let locked: Record<string, LockedPackage>;
  beforeAll(async () => {
    locked = await lockPublished();
  });

  it("are exactly those in docs/dependencies.md", async () => {
    const { published, others } = await documented();
    assertEquals({ ...published, ...others }, await imported());
  });

  it("of the published package are those in its manifest, and @std", async () => {
    const { published } = await documented();
    const { peerDependencies, optionalDependencies, ...manifest } = npmManifest(await readDenoConfig());
    const std = Object.fromEntries(Object.entries(published).filter(([name]) => name.startsWith("@std/")));
    assertEquals(published, { ...std, ...peerDependencies, ...optionalDependencies });
    assertEquals([manifest.dependencies, manifest.scripts], [undefined, undefined]);
  });

  it("of the published package run nothing when installed", () => {
    const packages = Object.entries(locked);
    assert(packages.some(([folder]) => folder === "node_modules/@clerk/backend"));
    assertEquals(packages.filter(([, { hasInstallScript }]) => hasInstallScript), []);
  });

  it("of the published package have licences that require only their text", () => {
    const licences = new Set(Object.values(locked).map(({ license }) => license));
    assertEquals([...licences].filter((license) => !PERMISSIVE.includes(license ?? "none")), []);
  });
});
