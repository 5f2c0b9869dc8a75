import { rewriteSpecifiers } from "./rewrite_specifiers.ts";

/** What {@linkcode copyDeclarations} copies. */
export interface CopyDeclarationsOptions {
  /** The names of the entry points. */
  entries: string[];
  /** The folder of the compiled modules. */
  from: URL;
  /** The folder that gets a copy. */
  to: URL;
}

/**
 * Copies the declarations that a user of the package can reach: those of the entry points and what they refer to. Each names
 * the file of another, as Deno takes it, not the module that it declares.
 *
 * @param options What to copy.
 * @throws {Error} If a declaration refers to anything outside the package.
 */
export async function copyDeclarations(
  { entries, from, to }: CopyDeclarationsOptions,
): Promise<void> {
  const queue = new Set(entries.map((name) => new URL(`${name}.d.ts`, from).href));
  for (const file of queue) {
    const text = rewriteSpecifiers(await Deno.readTextFile(new URL(file)), (specifier) => {
      if (!specifier.startsWith(".")) {
        throw new Error(`Cannot publish ${file} as it refers to '${specifier}'`);
      }
      const declaration = specifier.replace(/\.js$/, ".d.ts");
      queue.add(new URL(declaration, file).href);
      return declaration;
    });
    const copy = new URL(file.slice(from.href.length), to);
    await Deno.mkdir(new URL(".", copy), { recursive: true });
    await Deno.writeTextFile(copy, text);
  }
}
