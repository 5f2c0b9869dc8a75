import ts from "npm:typescript@6.0.3";

/** Replaces the module specifiers of a TypeScript source: of imports, exports, dynamic imports and import types. */
export function rewriteSpecifiers(source: string, replace: (specifier: string) => string): string {
  const { importedFiles } = ts.preProcessFile(source, true, true);
  return importedFiles.toReversed().reduce((text, { fileName, pos, end }) => {
    // The position is that of the quoted text; `end` does not count the closing quote.
    const start = text.indexOf(fileName, pos);
    if (start === -1 || start > end) throw new Error(`Cannot find the specifier '${fileName}' at ${pos}`);
    return text.slice(0, start) + replace(fileName) + text.slice(start + fileName.length);
  }, source);
}
