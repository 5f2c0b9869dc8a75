/** The fields of `deno.json` that this repository's scripts read or write. */
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

/** The root folder of the repository. */
export const ROOT: URL = new URL("../", import.meta.url);

/** What is published besides the modules. */
export const DOCUMENTS: readonly string[] = ["LICENSE", "README.md", "CHANGELOG.md"];

/** An entry point of the package. */
export interface EntryPoint {
  /** What it is imported by, behind the name of the package: `.` or, say, `./server`. */
  subpath: string;
  /** The name of its files, such as `server`. */
  name: string;
  /** Its source, such as `./server.ts`. */
  source: string;
}

/** The entry points of the package, whatever compiles it and wherever it is published. */
export function entryPoints({ exports }: DenoConfig): EntryPoint[] {
  return Object.entries(exports).map(([subpath, source]) => ({
    subpath,
    name: source.slice("./".length, -".ts".length),
    source,
  }));
}

/** Reads a configuration in the root directory of this repository. */
export async function readDenoConfig(file = "deno.json"): Promise<DenoConfig> {
  return JSON.parse(await Deno.readTextFile(new URL(file, ROOT)));
}
