import { WORKSPACE } from "../test/workspace.ts";

/** Where everything is kept. */
const COVERAGE = new URL("coverage/", WORKSPACE);

/** The folder of what a portion of the tests ran. */
export function countsFolder(name: string): URL {
  return new URL(`counts/${name}/`, COVERAGE);
}

/** The file of what the runner of a portion wrote. */
export function logFile(name: string): URL {
  return new URL(`${name}.log`, COVERAGE);
}

/** The folder of the tests of a portion, or their programs, bundled with sources that count. */
export function bundleFolder(name: string): URL {
  return new URL(`bundles/${name}/`, COVERAGE);
}

/** Names the files of what a portion ran; none where it was not run yet. */
export async function listCounts(name: string): Promise<URL[]> {
  const folder = countsFolder(name);
  await Deno.mkdir(folder, { recursive: true });
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => new URL(name, folder));
}
