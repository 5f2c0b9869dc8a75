import { join } from "node:path";
import { build } from "npm:esbuild@0.28.1";

/** Bundles the Workers example in its project as wrangler does. */
export async function bundleWorker(folder: string, define: Record<string, string>): Promise<string> {
  const { outputFiles: [file] } = await build({
    entryPoints: [join(folder, "worker.ts")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    define,
  });
  return file?.text ?? "";
}
