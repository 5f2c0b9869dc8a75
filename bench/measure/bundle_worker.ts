import { fileURLToPath } from "node:url";
import { build } from "npm:esbuild@0.28.1";

/** What {@linkcode bundleForWorkers} makes of a module. */
export interface WorkerBundle {
  code: string;
  bytes: number;
  gzipBytes: number;
}

/**
 * Bundles a module as `wrangler` does, its packages included.
 *
 * @param source The module, as JavaScript or TypeScript.
 * @param folder The folder whose packages it imports.
 * @param options Whether it is made small.
 * @returns The bundle.
 */
export async function bundleForWorkers(
  source: string,
  folder: URL,
  { minify }: { minify: boolean },
): Promise<WorkerBundle> {
  const { outputFiles: [file] } = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(folder), loader: "ts" },
    bundle: true,
    minify,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "silent",
  });
  const { text, contents } = file!;
  return { code: text, bytes: contents.length, gzipBytes: await gzipSize(text) };
}

async function gzipSize(text: string): Promise<number> {
  const zipped = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(zipped).arrayBuffer()).byteLength;
}
