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

/**
 * Reads a configuration of this repository.
 *
 * @param file The name of the file in the root folder.
 * @returns Its content.
 */
export async function readDenoConfig(file = "deno.json"): Promise<DenoConfig> {
  return JSON.parse(await Deno.readTextFile(new URL(file, ROOT)));
}
