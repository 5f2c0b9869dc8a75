/**
 * The part of `@deno/dnt` that `scripts/compile/compile_with_dnt.ts` uses, as types alone: dnt is published on JSR only, and where JSR
 * cannot be reached the build does not call it.
 */

/** An entry point of the package. */
export interface EntryPoint {
  name: string;
  path: string;
}

/** The options of {@linkcode build} in use here. */
export interface BuildOptions {
  entryPoints: EntryPoint[];
  outDir: string;
  configFile: string;
  shims: Record<never, never>;
  polyfills: boolean;
  test: boolean;
  scriptModule: "cjs" | "umd" | false;
  typeCheck: "both" | "single" | false;
  declaration: "inline" | "separate" | false;
  compilerOptions: { target: "ES2022"; lib: ("ES2022" | "DOM" | "DOM.Iterable")[] };
  package: { name: string; version: string; devDependencies: { [packageName: string]: string } };
}

/** Never works: without JSR there is no dnt. */
export function build(_options: BuildOptions): Promise<void> {
  return Promise.reject(new Error("Cannot build with dnt as JSR, which it comes from, is out of reach"));
}
