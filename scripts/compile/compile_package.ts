import { type EntryPoint, entryPoints, readDenoConfig, ROOT } from "../deno_config.ts";
import { removeFolder } from "../folders.ts";
import { currentRegistry, PUBLIC_JSR_URL, type Registry } from "../registry.ts";
import { compileWithTypeScript } from "./compile_with_typescript.ts";

/** What compiles the package: dnt, or TypeScript from the npm registry alone. */
export type Compiler = "dnt" | "typescript";

/** Options of {@linkcode compilePackage}. */
export interface CompileOptions {
  /** @default the choice of {@linkcode chooseCompiler} */
  compiler?: Compiler;
  /**
   * Whether to fail on type errors. Takes as long as everything else together.
   * @default true
   */
  checksTypes?: boolean;
}

/** The compiled package. */
export interface CompiledPackage {
  entries: readonly EntryPoint[];
  /** Directory of the ES modules, `.js` next to `.d.ts`. */
  modules: URL;
}

/** Chooses dnt if it works: it loads its own sources, only from the public JSR registry and not from a mirror. */
export function chooseCompiler(registry: Registry, jsrUrl = ""): Compiler {
  const isPublic = jsrUrl === "" || new URL(jsrUrl).href === PUBLIC_JSR_URL;
  return registry === "jsr" && isPublic ? "dnt" : "typescript";
}

export async function compilePackage(
  {
    compiler = chooseCompiler(currentRegistry(), Deno.env.get("JSR_URL")),
    checksTypes = true,
  }: CompileOptions = {},
): Promise<CompiledPackage> {
  const entries = entryPoints(await readDenoConfig());
  const work = new URL(`.build/compiled_with_${compiler}/`, ROOT);
  const modules = new URL("esm/", work);
  await Promise.all([new URL("src/", work), modules].map(removeFolder));
  // dnt is on JSR. If that is unreachable, not even its module can be loaded.
  const compile = compiler === "dnt"
    ? (await import("./compile_with_dnt.ts")).compileWithDnt
    : compileWithTypeScript;
  await compile(entries, { work, checksTypes });
  return { entries, modules };
}
