/**
 * Builds the npm package into `npm/`: with dnt where JSR can be reached, else with tools from the npm registry alone.
 * Both give the same exports, layout and `package.json`.
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
 * What is joined, as it is loaded together: each file of its own would cost Node a millisecond. Node and Bun read a file when
 * it is imported, so what is imported lazily and is in no group stays in files of its own.
 */
const GROUPS: readonly ModuleGroup[] = [
  ...startGroups("src/runtime/node.js", "src/runtime/bun/adapter.js"),
  { name: "shared", roots: ADAPTER_HELPERS },
  {
    name: "refresh",
    roots: [
      "src/client/session/refresh.js",
      "src/client/login/expected_account.js",
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

/** Builds the package; what is compiled already is not compiled again. */
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
 * Writes the entry points for `require()`. There is one copy of the package in a process, its ES modules, however it is
 * loaded: two would have two classes of errors and two sessions to refresh.
 *
 * The declarations are the other way round: those in `script/` are all of them, since TypeScript lets an ES module take what
 * a CommonJS module declares, and not the reverse.
 */
async function writeCommonJs(entries: readonly string[], to: URL): Promise<void> {
  await writeJson(new URL("script/package.json", to), { type: "commonjs" });
  for (const name of entries) {
    const program = `module.exports = require("../esm/${name}.js");\n`;
    await Deno.writeTextFile(new URL(`script/${name}.js`, to), program);
    await Deno.writeTextFile(new URL(`esm/${name}.d.ts`, to), `export * from "../script/${name}.js";\n`);
  }
}
