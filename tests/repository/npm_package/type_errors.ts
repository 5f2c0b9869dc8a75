import { createRequire } from "node:module";
import type TypeScript from "npm:typescript@6.0.3";
import { readSetup } from "../../harness/setup.ts";

/** How specifiers are resolved. */
export type Resolution = "nodenext" | "bundler";

/** The projects' version of TypeScript. */
let loaded: typeof TypeScript | undefined;

/** Declarations shared by several projects are parsed once. */
const parsed = new Map<string, TypeScript.SourceFile | undefined>();

/** What {@linkcode typeErrors} checks. */
export interface TypeCheckOptions {
  /** The names of the files. */
  files: readonly string[];
  /** How their specifiers are resolved. */
  resolution: Resolution;
}

/**
 * Type-checks files of a project strictly, with every declaration that they reach, except TypeScript's own, which take
 * longer than all others.
 *
 * @param folder The project.
 * @param options The files, and how their specifiers are resolved.
 * @returns What is wrong.
 */
export function typeErrors(folder: string, { files, resolution }: TypeCheckOptions): string[] {
  const ts: typeof TypeScript = loaded ??= createRequire(import.meta.url)(
    `${readSetup()?.modules}typescript`,
  );
  const module = resolution === "nodenext" ? ts.ModuleKind.NodeNext : ts.ModuleKind.ESNext;
  const options: TypeScript.CompilerOptions = {
    noEmit: true,
    strict: true,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    module,
    moduleResolution: ts.ModuleResolutionKind[resolution === "nodenext" ? "NodeNext" : "Bundler"],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, target, ...rest) => {
    if (!name.startsWith(readSetup()!.modules)) return getSourceFile(name, target, ...rest);
    const key = `${resolution} ${name}`;
    if (!parsed.has(key)) parsed.set(key, getSourceFile(name, target, ...rest));
    return parsed.get(key);
  };
  const program = ts.createProgram(files.map((file) => `${folder}/${file}`), options, host);
  const checked = program.getSourceFiles().filter((file) => !program.isSourceFileDefaultLibrary(file));
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...checked.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ].map((diagnostic) =>
    ts.formatDiagnostic(diagnostic, {
      getCurrentDirectory: () => folder,
      getCanonicalFileName: (name) => name,
      getNewLine: () => "\n",
    })
  );
}
