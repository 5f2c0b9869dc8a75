import { rewriteSpecifiers } from "./rewrite_specifiers.ts";

/** What {@linkcode copyDeclarations} copies. */
export interface CopyDeclarationsOptions {
  /** The names of the entry points. */
  entries: string[];
  /** The folder of the compiled modules. */
  from: URL;
  /** The folder that gets a copy. */
  to: URL;
  /** How one declaration names the file of another: TypeScript takes the module's name, Deno the file itself. */
  extension?: ".js" | ".d.ts";
}

/**
 * Copies the declarations that a user of the package can reach: those of the entry points and what they refer to.
 *
 * @param options What to copy.
 * @throws {Error} If a declaration refers to anything outside the package.
 */
export async function copyDeclarations(
  { entries, from, to, extension = ".js" }: CopyDeclarationsOptions,
): Promise<void> {
  const queue = new Set(entries.map((name) => new URL(`${name}.d.ts`, from).href));
  for (const file of queue) {
    const text = rewriteSpecifiers(await Deno.readTextFile(new URL(file)), (specifier) => {
      if (!specifier.startsWith(".")) {
        throw new Error(`Cannot publish ${file} as it refers to '${specifier}'`);
      }
      const base = specifier.replace(/\.js$/, "");
      queue.add(new URL(`${base}.d.ts`, file).href);
      return base + extension;
    });
    const copy = new URL(file.slice(from.href.length), to);
    await Deno.mkdir(new URL(".", copy), { recursive: true });
    await Deno.writeTextFile(copy, text);
  }
}
