import { writeJson } from "../folders.ts";

/** What {@linkcode writeCommonJs} writes. */
export interface CommonJsOptions {
  /** The names of the entry points. */
  entries: string[];
  /** The folder of the package. */
  to: URL;
}

/**
 * Writes the entry points for `require()`. There is one copy of the package in a process, its ES modules, however it is
 * loaded: two would have two classes of errors and two sessions to refresh.
 *
 * The declarations are the other way round: those in `script/` are all of them, since TypeScript lets an ES module take what
 * a CommonJS module declares, and not the reverse.
 *
 * @param options What to write.
 */
export async function writeCommonJs({ entries, to }: CommonJsOptions): Promise<void> {
  await writeJson(new URL("script/package.json", to), { type: "commonjs" });
  for (const name of entries) {
    await Deno.writeTextFile(
      new URL(`script/${name}.js`, to),
      `module.exports = require("../esm/${name}.js");\n`,
    );
    await Deno.writeTextFile(new URL(`esm/${name}.d.ts`, to), `export * from "../script/${name}.js";\n`);
  }
}
