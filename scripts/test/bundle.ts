import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Plugin, rolldown } from "npm:rolldown@1.2.19";
import { ROOT } from "../deno_config.ts";
import { denoSpecifiers } from "./deno_specifiers.ts";
import { virtualModule } from "./virtual_module.ts";

/** What {@linkcode bundle} bundles. */
export interface BundleOptions {
  /** The sources, as paths from the root of the repository; each becomes a file of the same path in the output. */
  sources: string[];
  /** The folder of the output. */
  to: URL;
  /** The import map of the npm-only configuration. */
  imports: Record<string, string>;
  /** The code that stands in for `@std/testing/bdd`; by default the wrapper of the import map. */
  bdd?: string;
  /** What else is done to the sources. */
  plugins?: Plugin[];
}

const BDD = "@std/testing/bdd";
const ROOT_PATH = fileURLToPath(ROOT);
const PUBLISHED = fileURLToPath(new URL("src/", ROOT));

/**
 * Bundles TypeScript sources of this repository for Node and Bun. Packages stay imports, this one included.
 *
 * @param options What to bundle.
 * @returns The npm packages that the bundles import, with the versions that the sources ask for.
 */
export async function bundle(
  { sources, to, imports, bdd, plugins = [] }: BundleOptions,
): Promise<Record<string, string>> {
  const packages: Record<string, string> = {};
  if (sources.length === 0) return packages;
  const build = await rolldown({
    input: Object.fromEntries(sources.map((file) => [file.replace(/\.ts$/, ""), resolve(ROOT_PATH, file)])),
    external: /^(node|bun):/,
    plugins: [
      ...(bdd === undefined ? [] : [virtualModule(BDD, bdd)]),
      denoSpecifiers({ imports, onPackage: (name, range) => packages[name] = range }),
      ownLocation(),
      ...plugins,
    ],
    platform: "node",
    checks: { pluginTimings: false },
  });
  await build.write({
    dir: fileURLToPath(to),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
  });
  await build.close();
  return packages;
}

/**
 * Keeps `import.meta` that of the source: tests find files beside them by it. What is published finds packages by it, from
 * where it runs.
 */
function ownLocation(): Plugin {
  return {
    name: "own-location",
    transform(code, id) {
      if (!id.startsWith(ROOT_PATH) || id.startsWith(PUBLISHED)) return undefined;
      const values: Record<string, string> = {
        url: pathToFileURL(id).href,
        dirname: dirname(id),
        filename: id,
      };
      return code.replace(
        /\bimport\.meta\.(url|dirname|filename)\b/g,
        (_, name: string) => JSON.stringify(values[name]),
      );
    },
  };
}
