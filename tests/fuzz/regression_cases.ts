import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("./regressions/", import.meta.url);

/** The cases that once broke a target. */
export async function readRegressions(target: string): Promise<unknown[]> {
  const text = await readFile(fileOf(target), "utf8").catch((error) => {
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  return JSON.parse(text);
}

/** Keeps a case, so that the suite tries it from now on. */
export async function keepRegression(target: string, input: unknown): Promise<void> {
  const cases = [...await readRegressions(target), input];
  await mkdir(FOLDER, { recursive: true });
  await writeFile(fileOf(target), `${JSON.stringify(cases, null, 2)}\n`);
}

function fileOf(target: string): string {
  return fileURLToPath(new URL(`${target}.json`, FOLDER));
}
