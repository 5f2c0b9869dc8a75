import { fileURLToPath } from "node:url";
import { rollup } from "npm:rollup@4.68.8";
import { dts } from "npm:rollup-plugin-dts@6.5.1";

/** What {@linkcode rollDeclarations} joins. */
export interface RollDeclarationsOptions {
  /** The names of the entry points. */
  entries: string[];
  /** The folder of the compiled modules. */
  from: URL;
  /** The folder that the files are written to. */
  to: URL;
}

/**
 * Joins the declarations that a user of the package can reach: those of each entry point become one file, and what several of
 * them share stands in `types/`.
 *
 * @param options What to join.
 * @throws {Error} If a declaration refers to anything outside the package.
 */
export async function rollDeclarations({ entries, from, to }: RollDeclarationsOptions): Promise<void> {
  const input = entries.map((name) => [name, fileURLToPath(new URL(`${name}.d.ts`, from))]);
  const bundle = await rollup({
    input: Object.fromEntries(input),
    plugins: [dts()],
    onLog(_level, { message }) {
      throw new Error(message);
    },
  });
  await bundle.write({
    dir: fileURLToPath(to),
    entryFileNames: "[name].d.ts",
    chunkFileNames: ({ name }) => `types/${name.replace(/\.d$/, "")}.d.ts`,
  });
  await bundle.close();
}
