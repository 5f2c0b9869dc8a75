/**
 * Builds the npm package into `npm/`: with dnt if JSR can be reached, otherwise with tools from the npm registry alone.
 * Both produce the same exports, layout and `package.json`.
 *
 * @module
 */
import { type CompiledPackage, compilePackage } from "./compile/compile_package.ts";
import { joinModules, type ModuleGroup } from "./compile/join_modules.ts";
import { rollDeclarations } from "./compile/roll_declarations.ts";
import { ADAPTER_HELPERS, startGroups } from "./compile/start_groups.ts";
import { DOCUMENTS, readDenoConfig, ROOT } from "./deno_config.ts";
import { emptyFolder, writeJson } from "./folders.ts";
import { npmManifest, PROGRAM_FILE } from "./npm/manifest.ts";

const PROGRAM = `#!/usr/bin/env node
const args = process.argv.slice(2);
const run = args[0] === "emulator"
  ? (await import("../esm/testing.js")).runEmulator
  : (await import("../esm/setup.js")).runSetup;
process.exit(await run(args));
`;

/**
 * Modules that are loaded together and therefore joined: each separate file would cost Node a millisecond. Node and Bun
 * read a file when it is imported, so lazily imported modules in no group stay in their own files.
 */
const GROUPS: readonly ModuleGroup[] = [
  ...startGroups("src/runtime/node.js", "src/runtime/bun/adapter.js"),
  { name: "shared", roots: ADAPTER_HELPERS },
  {
    name: "refresh",
    roots: [
      "src/client/session/refresh.js",
      "src/client/login/accept_tokens.js",
      "src/client/session/whoami.js",
      "src/storage/lock/lock.js",
      "src/storage/own_file.js",
      "src/runtime/node/tcp.js",
      "src/runtime/node/transport.js",
    ],
  },
  {
    name: "login",
    roots: ["src/client/login/login.js", "src/runtime/node/serve.js", "src/runtime/bun/serve.js"],
  },
  { name: "keychain", roots: ["src/storage/keychain/keychain_store.js"] },
  { name: "deno", roots: /[/\\]src[/\\]runtime[/\\]deno\b/ },
  { name: "commands", roots: /[/\\]src[/\\]commands[/\\]/ },
];

if (import.meta.main) await buildNpm();

/** Builds the package, from what is already compiled if given. */
export async function buildNpm(
  compiled?: CompiledPackage,
  target: URL = new URL("npm/", ROOT),
): Promise<void> {
  await emptyFolder(target);
  const { entries, modules } = compiled ?? await compilePackage();
  const names = entries.map(({ name }) => name);
  await joinModules({ entries: names, from: modules, to: new URL("esm/", target), groups: GROUPS });
  await rollDeclarations(names, { from: modules, to: new URL("script/", target) });
  await writeCommonJs(names, target);
  await Deno.mkdir(new URL("bin/", target));
  await Deno.writeTextFile(new URL(PROGRAM_FILE, target), PROGRAM, { mode: 0o755 });
  await writeJson(new URL("package.json", target), npmManifest(await readDenoConfig()));
  await Promise.all(DOCUMENTS.map((name) => Deno.copyFile(new URL(name, ROOT), new URL(name, target))));
}

/**
 * Writes the entry points for `require()`. However it is loaded, a process has one copy of the package, its ES modules:
 * two copies would have two error classes and refresh the same session twice.
 *
 * The declarations are the other way round: all of them are in `script/`, because TypeScript lets an ES module use the
 * declarations of a CommonJS module, but not the reverse.
 */
async function writeCommonJs(entries: readonly string[], to: URL): Promise<void> {
  await writeJson(new URL("script/package.json", to), { type: "commonjs" });
  for (const name of entries) {
    const program = `module.exports = require("../esm/${name}.js");\n`;
    await Deno.writeTextFile(new URL(`script/${name}.js`, to), program);
    await Deno.writeTextFile(new URL(`esm/${name}.d.ts`, to), `export * from "../script/${name}.js";\n`);
  }
}
