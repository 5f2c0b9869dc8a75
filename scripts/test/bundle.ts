import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type OutputOptions, type Plugin, rolldown } from "npm:rolldown@1.2.19";
import { ROOT } from "../deno_config.ts";
import { denoSpecifiers } from "./deno_specifiers.ts";

/** Options of {@linkcode bundle}. */
export interface BundleOptions {
  /** Sources, as paths from the root of the repository. Each becomes a file with the same path in the output. */
  sources: string[];
  /** Output directory. */
  to: URL;
  /** The import map of the npm-only configuration. */
  imports: Record<string, string>;
  /** Further output options. */
  output?: OutputOptions;
}

const ROOT_PATH = fileURLToPath(ROOT);
const PUBLISHED = fileURLToPath(new URL("src/", ROOT));

/** Bundles TypeScript sources of this repository for Node and Bun. Packages, including this one, stay imports. */
export async function bundle({ sources, to, imports, output }: BundleOptions): Promise<void> {
  const build = await rolldown({
    input: Object.fromEntries(sources.map((file) => [file.replace(/\.ts$/, ""), resolve(ROOT_PATH, file)])),
    external: /^(node|bun):/,
    plugins: [
      denoSpecifiers({ imports }),
      ownLocation(),
    ],
    platform: "node",
    checks: { pluginTimings: false },
  });
  await build.write({
    dir: fileURLToPath(to),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    ...output,
  });
  await build.close();
}

/**
 * Keeps each source's own `import.meta`, as tests find files next to them by it. What is published finds packages by
 * it, from where it runs.
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
