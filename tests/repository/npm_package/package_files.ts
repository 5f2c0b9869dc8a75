import ts from "npm:typescript@6.0.3";

/** The specifiers that a module imports. */
export interface ModuleImports {
  /** Those that are loaded eagerly. */
  static: string[];
  /** Those and the lazy ones. */
  all: string[];
}

/**
 * Reads the imports of a compiled module.
 *
 * @param file The module.
 * @returns Its specifiers.
 */
export async function importsOf(file: URL): Promise<ModuleImports> {
  const module = ts.createSourceFile(file.pathname, await Deno.readTextFile(file), ts.ScriptTarget.ESNext);
  const found = { static: [] as string[], lazy: [] as string[] };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier && ts.isStringLiteral(specifier)) found.lazy.push(specifier.text);
    }
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      if (ts.isStringLiteral(node.moduleSpecifier)) found.static.push(node.moduleSpecifier.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(module);
  return { static: found.static, all: [...found.static, ...found.lazy] };
}

/**
 * Lists the files below a folder.
 *
 * @param folder The folder, with a trailing slash.
 * @param pattern What their names match.
 * @returns Their paths from the folder, sorted.
 */
export async function listFiles(folder: URL, pattern: RegExp): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) files.push(name);
    else {files.push(...(await listFiles(new URL(`${name}/`, folder), pattern)).map((file) =>
        `${name}/${file}`
      ));}
  }
  return files.filter((file) => pattern.test(file)).sort();
}
