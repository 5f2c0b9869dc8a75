/** The fields of `deno.json` that the scripts read or write. */
export interface DenoConfig {
  name: string;
  version: string;
  description: string;
  license: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
  publish: { include: string[]; [field: string]: unknown };
  [field: string]: unknown;
}

/** The root directory of the repository. */
export const ROOT: URL = new URL("../", import.meta.url);

/** Published in addition to the modules. */
export const DOCUMENTS: readonly string[] = ["LICENSE", "README.md", "CHANGELOG.md"];

/** An entry point of the package. */
export interface EntryPoint {
  /** Its path below the package name: `.` or, say, `./server`. */
  subpath: string;
  /** Name of its files, such as `server`. */
  name: string;
  /** Its source, such as `./server.ts`. */
  source: string;
}

/** Lists the package's entry points, whatever compiles it and wherever it is published. */
export function entryPoints({ exports }: DenoConfig): EntryPoint[] {
  return Object.entries(exports).map(([subpath, source]) => ({
    subpath,
    name: source.slice("./".length, -".ts".length),
    source,
  }));
}

/** What a module can import by name: the import map, and this package. */
export function allImports({ name, exports, imports }: DenoConfig): Record<string, string> {
  const own = Object.entries(exports).map(([subpath, source]) => [name + subpath.slice(1), source]);
  return { ...imports, ...Object.fromEntries(own) };
}

/** Reads a configuration in the root directory. */
export async function readDenoConfig(file = "deno.json"): Promise<DenoConfig> {
  return JSON.parse(await Deno.readTextFile(new URL(file, ROOT)));
}
