import { rewriteSpecifiers } from "./rewrite_specifiers.ts";

/** What {@linkcode copyDeclarations} copies. */
export interface CopyDeclarationsOptions {
  /** The names of the entry points. */
  entries: string[];
  /** The folder of the compiled modules. */
  from: URL;
  /** The folders that get a copy. */
  to: URL[];
}

/**
 * Copies the declarations that a user of the package can reach: those of the entry points and what they refer to.
 *
 * @param options What to copy.
 * @throws {Error} If a declaration refers to anything outside the package.
 */
export async function copyDeclarations({ entries, from, to }: CopyDeclarationsOptions): Promise<void> {
  const queue = entries.map((name) => new URL(`${name}.d.ts`, from).href);
  const seen = new Set(queue);
  for (const file of queue) {
    const text = await Deno.readTextFile(new URL(file));
    rewriteSpecifiers(text, (specifier) => {
      if (!specifier.startsWith(".")) {
        throw new Error(`Cannot publish ${file} as it refers to '${specifier}'`);
      }
      const target = new URL(specifier.replace(/\.js$/, ".d.ts"), file).href;
      if (!seen.has(target)) {
        seen.add(target);
        queue.push(target);
      }
      return specifier;
    });
    for (const folder of to) {
      const copy = new URL(file.slice(from.href.length), folder);
      await Deno.mkdir(new URL(".", copy), { recursive: true });
      await Deno.writeTextFile(copy, text);
    }
  }
}
