import type { OutputChunk, Plugin } from "npm:rolldown@1.2.19";

const FILE = /(?:^|\/)rolldown-runtime\.js$/;
const IMPORT = /^import \{ t as __exportAll \} from "[./]*\/rolldown-runtime\.js";$/m;
const EXPORT = /^export \{ __exportAll as t \};$/m;

/**
 * Puts the helper of rolldown's own, which tells apart what several lazy modules in one file export, into each file that
 * calls it: a file of its own would be one more to read for every command.
 */
export function inlineHelpers(): Plugin {
  return {
    name: "inline-helpers",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const helper = chunks.find(({ fileName }) => FILE.test(fileName));
      if (!helper) return;
      const definition = replaced(helper, EXPORT, "");
      for (const chunk of chunks) {
        if (!chunk.imports.includes(helper.fileName)) continue;
        chunk.code = replaced(chunk, IMPORT, definition.trim());
        chunk.imports = chunk.imports.filter((name) => name !== helper.fileName);
      }
      delete bundle[helper.fileName];
    },
  };
}

function replaced({ code, fileName }: OutputChunk, pattern: RegExp, text: string): string {
  if (!pattern.test(code)) throw new Error(`Cannot inline the helper in ${fileName}: there is no ${pattern}`);
  return code.replace(pattern, () => text);
}
