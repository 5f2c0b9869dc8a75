import { fileURLToPath } from "node:url";
// The peer of rollup-plugin-dts: imported first, or Deno may use another version.
import "npm:typescript@6.0.3";
import { rollup } from "npm:rollup@4.68.8";
import { dts } from "npm:rollup-plugin-dts@6.5.1";

const LEFT_OUT = /^\/\*\*\n(?: \*.*\n)*? \* @module\n \*\/$|^\/\/\/ <reference lib=.*$/gm;

/**
 * Joins the public declarations: those of each entry point become one file, and shared ones are in `types/`. Throws if
 * one refers to anything else.
 */
export async function rollDeclarations(
  entries: readonly string[],
  { from, to }: { from: URL; to: URL },
): Promise<void> {
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
    // The plugin drops a module's documentation and its references to TypeScript's libraries.
    banner: async ({ moduleIds }) => {
      const texts = await Promise.all(moduleIds.map((path) => Deno.readTextFile(path)));
      return texts.flatMap((text) => text.match(LEFT_OUT) ?? []).join("\n");
    },
    entryFileNames: "[name].d.ts",
    chunkFileNames: ({ name }) => `types/${name.replace(/\.d$/, "")}.d.ts`,
  });
  await bundle.close();
}
