import { fileURLToPath } from "node:url";
import { ROOT } from "../deno_config.ts";
import { run } from "../run.ts";
import type { ModuleGraph, ModuleImport } from "./import_rules.ts";

interface DenoInfo {
  modules: { specifier: string; dependencies?: Dependency[] }[];
}

interface Dependency {
  code?: { specifier: string };
  type?: { specifier: string };
}

/**
 * Reads the graph of modules from `deno info`.
 *
 * @param files The modules to begin with, as paths from the root of the repository.
 * @param config The configuration that resolves their imports.
 * @returns The modules of the repository.
 */
export async function readModuleGraph(files: string[], config: string): Promise<ModuleGraph> {
  // `deno info` takes one module: this one imports them all.
  const all = new URL(".build/all_modules.ts", ROOT);
  await Deno.mkdir(new URL(".", all), { recursive: true });
  await Deno.writeTextFile(all, files.map((file) => `import "../${file}";\n`).join(""));
  const info: DenoInfo = JSON.parse(
    await run(Deno.execPath(), ["info", "--json", "-c", config, fileURLToPath(all)], { cwd: ROOT }),
  );
  const own = info.modules.filter(({ specifier }) =>
    specifier.startsWith(ROOT.href) && specifier !== all.href
  );
  return new Map(
    own.map(({ specifier, dependencies = [] }) => [pathOf(specifier), dependencies.flatMap(toImports)]),
  );
}

function toImports({ code, type }: Dependency): ModuleImport[] {
  if (code !== undefined) return [{ target: pathOf(code.specifier), isTypeOnly: false }];
  return type === undefined ? [] : [{ target: pathOf(type.specifier), isTypeOnly: true }];
}

function pathOf(specifier: string): string {
  return specifier.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : specifier;
}
