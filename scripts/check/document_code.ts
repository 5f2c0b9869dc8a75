import { fileURLToPath } from "node:url";
import { readDenoConfig, ROOT } from "../deno_config.ts";
import { type CodeBlock, codeBlocksOf } from "../markdown/code_blocks.ts";
import { readDocuments } from "../markdown/documents.ts";

/** The languages that are type-checked, with the ending of their files. */
const LANGUAGES: Readonly<Record<string, string>> = { ts: "ts", tsx: "tsx", js: "js" };

/** What the documents import that this repository does not; only types are looked at. */
const FOREIGN_IMPORTS: Readonly<Record<string, string>> = {
  "@hono/node-server": "npm:@hono/node-server@2.1.9",
  "express": "npm:@types/express@5.0.6",
  "hono": "npm:hono@4.13.19",
  "redis": "npm:redis@6.3.1",
};

/**
 * Writes every block of code in the documents to a file of its own, also those that are not run as they need a network. A
 * document has a folder, where a block stands under the name that it gives itself: so one imports another.
 *
 * @param configFile The configuration in use.
 * @param check Checks the files with a configuration that resolves their imports.
 * @returns What the check returns.
 */
export async function withDocumentCode<T>(
  configFile: string,
  check: (config: string, files: string[]) => Promise<T>,
): Promise<T> {
  const folder = new URL(".build/documents/", ROOT);
  await Deno.mkdir(folder, { recursive: true });
  const blocks = (await readDocuments()).flatMap(codeBlocksOf).filter(({ language }) =>
    language in LANGUAGES
  );
  const files = await Promise.all(blocks.map(async (block) => {
    const file = new URL(fileName(block), folder);
    await Deno.mkdir(new URL(".", file), { recursive: true });
    await Deno.writeTextFile(file, block.code);
    return fileURLToPath(file);
  }));
  // Deno gives the sources the configuration of the root folder, wherever another one stands: this one stands there too.
  const config = await Deno.makeTempFile({
    dir: fileURLToPath(ROOT),
    prefix: ".documents_",
    suffix: ".json",
  });
  try {
    await Deno.writeTextFile(config, JSON.stringify(await documentConfig(configFile)));
    return await check(config, files);
  } finally {
    await Deno.remove(config);
  }
}

async function documentConfig(configFile: string): Promise<Record<string, unknown>> {
  const { name, exports, imports, compilerOptions } = await readDenoConfig(configFile);
  const own = Object.entries(exports).map(([subpath, file]) => [name + subpath.slice(1), file]);
  return {
    imports: { ...imports, ...Object.fromEntries(own), ...FOREIGN_IMPORTS },
    // A program declares nothing for others.
    compilerOptions: { ...(compilerOptions as object), isolatedDeclarations: false, checkJs: true },
    lock: false,
    nodeModulesDir: "none",
  };
}

function fileName({ document, file, number, language }: CodeBlock): string {
  return `${document.replaceAll(/\W/g, "_")}/${file ?? `${number}.${LANGUAGES[language]}`}`;
}
