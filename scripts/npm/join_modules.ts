import { fileURLToPath } from "node:url";
import { type OutputChunk, rolldown } from "npm:rolldown@1.2.19";
import { EXTERNAL_PACKAGES } from "./manifest.ts";
import { findLoadedModules, findSharedModules } from "./shared_modules.ts";

/** The entry point whose start-up counts: every command of a CLI loads it. */
const CLIENT_ENTRY = "mod";

/** The entry point that runs in Workers: nothing of the client half may be anywhere in what it loads. */
const SERVER_ENTRY = "server";

/** What a command that finds a valid token in a file loads, one after the other. */
const SESSION_MODULES = [
  "src/client/context.js",
  "src/client/access_token.js",
  "src/client/session_record.js",
  "src/client/credential_choice.js",
  "src/storage/open_built_in_store.js",
  "src/storage/file_store.js",
  "src/storage/location.js",
  "src/runtime/load.js",
];

const OUTPUTS = [
  { format: "esm", folder: "esm/", define: {} },
  // CommonJS has no `import.meta`; the program of the package is a module in `bin/`.
  {
    format: "cjs",
    folder: "script/",
    define: {
      "import.meta.main": "false",
      "import.meta.url": 'require("node:url").pathToFileURL(__filename).href',
    },
  },
] as const;

/** What {@linkcode joinModules} joins. */
export interface JoinOptions {
  /** The names of the entry points. */
  entries: string[];
  /** The folder of the compiled ES modules. */
  from: URL;
  /** The folder of the package. */
  to: URL;
}

/**
 * Joins the many small modules into few, as ES modules and as CommonJS: reading a file costs more than parsing it. What
 * is imported lazily stays in files of its own.
 *
 * @param options What to join.
 * @throws {Error} If the result would import a package that is not installed with it.
 */
export async function joinModules({ entries, from, to }: JoinOptions): Promise<void> {
  const input = Object.fromEntries(entries.map((name) => [name, fileURLToPath(new URL(`${name}.js`, from))]));
  for (const { format, folder, define } of OUTPUTS) {
    const shared = findSharedModules(input[CLIENT_ENTRY]);
    const server = findLoadedModules([input[SERVER_ENTRY]]);
    const session = findLoadedModules(SESSION_MODULES.map((path) => fileURLToPath(new URL(path, from))));
    const bundle = await rolldown({
      input,
      external: [/^node:/, ...EXTERNAL_PACKAGES],
      plugins: [shared.plugin, server.plugin, session.plugin],
      platform: "neutral",
      preserveEntrySignatures: "strict",
      transform: { define },
      experimental: { attachDebugInfo: "none" },
      onLog(level, { message }) {
        if (level === "warn") throw new Error(message);
      },
    });
    const { output } = await bundle.write({
      dir: fileURLToPath(new URL(folder, to)),
      format,
      entryFileNames: "[name].js",
      chunkFileNames: "chunks/[name].js",
      // One file for what finds a stored token, as most commands do. Two files for what the client shares with the rest, so that importing it reads three; the server half is
      // given one of them, in which there is nothing but the core.
      codeSplitting: {
        groups: [
          { name: "core", test: (id) => (shared.has(id) || session.has(id)) && server.has(id), priority: 1 },
          { name: "shared", test: (id) => shared.has(id) },
          { name: "session", test: (id) => session.has(id) && !shared.has(id) },
        ],
      },
      comments: false,
    });
    await bundle.close();
    refuseUnknownImports(output.filter((file) => file.type === "chunk"));
  }
}

function refuseUnknownImports(chunks: OutputChunk[]): void {
  const own = new Set(chunks.map((chunk) => chunk.fileName));
  for (const { fileName, imports, dynamicImports } of chunks) {
    for (const specifier of [...imports, ...dynamicImports]) {
      if (own.has(specifier) || specifier.startsWith("node:") || EXTERNAL_PACKAGES.includes(specifier)) {
        continue;
      }
      throw new Error(`Cannot publish ${fileName} as it imports '${specifier}', which is not a dependency`);
    }
  }
}
