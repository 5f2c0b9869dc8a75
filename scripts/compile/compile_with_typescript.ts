import { dirname, relative, resolve } from "node:path/posix";
import { fileURLToPath } from "node:url";
import ts from "npm:typescript@6.0.3";
import { type EntryPoint, readDenoConfig, ROOT } from "../deno_config.ts";
import { installPackages } from "../install_packages.ts";
import { splitNpmSpecifier } from "../npm_specifier.ts";
import { CONFIG_FILE } from "../registry.ts";
import { rewriteSpecifiers } from "./rewrite_specifiers.ts";

/** How the package is compiled. */
export interface CompilerOptions {
  /** The directory to work in. */
  work: URL;
  /** Whether to fail on type errors. */
  checksTypes: boolean;
}

/** The types to check the sources with, besides those of the packages that they import. */
export const NODE_TYPES: Readonly<Record<string, string>> = { "@types/node": "20.19.43" };

/**
 * Compiles the package with tools from the npm registry alone, to `esm/` in a work directory. The compiler and its
 * options are those of dnt, so that it fails on whatever dnt would fail on.
 */
export async function compileWithTypeScript(
  entries: readonly EntryPoint[],
  { work, checksTypes }: CompilerOptions,
): Promise<void> {
  const stage = new URL("src/", work);
  const { files, packages } = await stageSources(entries.map(({ source }) => source), stage);
  await installPackages(work, { ...packages, ...NODE_TYPES });
  // deno-std has no types; the wrappers around it provide them.
  await Deno.writeTextFile(new URL(UNTYPED, stage), 'declare module "deno-std/*";\n');

  const program = ts.createProgram(
    [...files, UNTYPED].map((file) => fileURLToPath(new URL(file, stage))),
    {
      ...COMPILER_OPTIONS,
      ...checksTypes
        ? { typeRoots: [fileURLToPath(new URL("node_modules/@types/", work))], types: ["node"] }
        : EACH_BY_ITSELF,
      rootDir: fileURLToPath(stage),
      outDir: fileURLToPath(new URL("esm/", work)),
    },
  );
  const errors = checksTypes ? ts.getPreEmitDiagnostics(program) : program.getSyntacticDiagnostics();
  const diagnostics = [...errors, ...program.emit().diagnostics];
  if (diagnostics.length > 0) {
    throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost(COMPILER_OPTIONS)));
  }
}

const UNTYPED = "untyped.d.ts";

/** Every file declares all that its declarations need, so they do not depend on other files. */
const EACH_BY_ITSELF: ts.CompilerOptions = {
  isolatedDeclarations: true,
  noCheck: true,
  noLib: true,
  noResolve: true,
  types: [],
};

/** The options that dnt 0.43 sets, or stricter ones. */
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
  strict: true,
};

/**
 * Copies the entry points and everything they import, with specifiers that TypeScript and Node resolve: relative ones
 * end in `.js`, mapped ones are relative or bare, `npm:` is gone. Returns their paths, and the npm packages that they import,
 * with versions.
 */
async function stageSources(
  entries: readonly string[],
  stage: URL,
): Promise<{ files: string[]; packages: Record<string, string> }> {
  const { imports } = await readDenoConfig(CONFIG_FILE.npm);
  const packages: Record<string, string> = {};
  const files = new Set(entries.map((entry) => resolve("/", entry)));

  const replacementIn = (importer: string) => (specifier: string): string => {
    const target = imports[specifier] ?? specifier;
    if (target.startsWith("node:")) return target;
    if (target.startsWith("npm:")) {
      const { name, range, subpath } = splitNpmSpecifier(target);
      packages[name] = range;
      return name + subpath;
    }
    if (!target.startsWith(".")) throw new Error(`Cannot resolve '${specifier}' in ${importer}`);
    // A mapped path starts at the root of the repository, any other at its importer.
    const file = resolve(target === specifier ? dirname(importer) : "/", target);
    files.add(file);
    const path = relative(dirname(importer), file).replace(/\.ts$/, ".js");
    return path.startsWith(".") ? path : `./${path}`;
  };

  for (const file of files) {
    const source = await Deno.readTextFile(new URL(`.${file}`, ROOT));
    const copy = new URL(`.${file}`, stage);
    await Deno.mkdir(new URL(".", copy), { recursive: true });
    await Deno.writeTextFile(copy, rewriteSpecifiers(source, replacementIn(file)));
  }
  return { files: [...files].map((file) => `.${file}`), packages };
}
