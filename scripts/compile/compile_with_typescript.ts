import { fileURLToPath } from "node:url";
import ts from "npm:typescript@6.0.3";
import { type EntryPoint, readDenoConfig, ROOT } from "../deno_config.ts";
import { installPackages } from "../install_packages.ts";
import { CONFIG_FILE } from "../registry.ts";
import { stageSources } from "./stage_sources.ts";

/** The types that the sources are checked against besides those of the packages they import. */
export const NODE_TYPES: Readonly<Record<string, string>> = { "@types/node": "20.19.43" };

/**
 * Compiles the package with tools from the npm registry alone, to the layout that dnt gives it. The compiler and its
 * options are those of dnt, so that what dnt would refuse is refused here as well.
 *
 * @param entries The entry points.
 * @param work The folder to work in.
 */
export async function compileWithTypeScript(entries: readonly EntryPoint[], work: URL): Promise<void> {
  const stage = new URL("src/", work);
  const sources = entries.map(({ source }) => source);
  const { imports } = await readDenoConfig(CONFIG_FILE.npm);
  const packages = await stageSources({ entries: sources, imports, from: ROOT, to: stage });
  await installPackages(work, { ...packages, ...NODE_TYPES });
  // deno-std comes without types; the wrappers around it give them.
  const untyped = new URL("untyped.d.ts", stage);
  await Deno.writeTextFile(untyped, 'declare module "deno-std/*";\n');

  const files = [...sources.map((source) => new URL(source, stage)), untyped].map((url) =>
    fileURLToPath(url)
  );
  const program = ts.createProgram(files, {
    ...COMPILER_OPTIONS,
    rootDir: fileURLToPath(stage),
    outDir: fileURLToPath(new URL("esm/", work)),
    typeRoots: [fileURLToPath(new URL("node_modules/@types/", work))],
    types: ["node"],
  });
  const diagnostics = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  if (diagnostics.length > 0) throw new Error(describe(diagnostics, fileURLToPath(stage)));
}

/** What dnt 0.43 sets, on the TypeScript that it brings. */
const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  declaration: true,
  isolatedModules: true,
  useDefineForClassFields: true,
  skipLibCheck: true,
  esModuleInterop: false,
  ignoreDeprecations: "6.0",
  allowSyntheticDefaultImports: true,
  noImplicitAny: true,
  noImplicitThis: true,
  strictBindCallApply: true,
  strictFunctionTypes: true,
  strictNullChecks: true,
  strictPropertyInitialization: true,
  useUnknownInCatchVariables: false,
};

function describe(diagnostics: readonly ts.Diagnostic[], folder: string): string {
  return ts.formatDiagnostics(diagnostics, {
    getCurrentDirectory: () => folder,
    getCanonicalFileName: (name) => name,
    getNewLine: () => "\n",
  });
}
