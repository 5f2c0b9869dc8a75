import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "npm:rolldown@1.2.19";

/** The packages that the published modules import; everything else is bundled. */
export const EXTERNAL_PACKAGES: readonly string[] = ["@clerk/backend", "@napi-rs/keyring"];

/**
 * Entry points that run in Workers. Each is joined separately: a file shared with the client would bring parts of the
 * client into a bundle for Workers.
 */
const SEPARATE_ENTRIES = ["server", "testing"];

/** Rolldown's warning about a lazy module that is joined with those that load it. */
const JOINED_LAZY_MODULE = "INEFFECTIVE_DYNAMIC_IMPORT";

/** Modules that become one file. */
export interface ModuleGroup {
  /** The name of the file. */
  name: string;
  /**
   * Compiled modules, such as `src/client/login/login.js`, by name or by a pattern of their paths. What they import is
   * included, what they import lazily is not.
   */
  roots: readonly string[] | RegExp;
}

/** What {@linkcode joinModules} joins. */
export interface JoinOptions {
  /** The names of the entry points. */
  entries: readonly string[];
  /** The directory of the compiled ES modules. */
  from: URL;
  /** The output directory. */
  to: URL;
  /** Other specifiers for packages that stay imports. */
  paths?: Record<string, string>;
  /** A module becomes part of the first group that it belongs to. Modules in no group stay in their own files. */
  groups: readonly ModuleGroup[];
}

/**
 * Joins many small modules into few files, because reading a file costs more than parsing it. Throws if the result would
 * import a package that is not installed with it.
 */
export async function joinModules({ entries, ...options }: JoinOptions): Promise<void> {
  const client = entries.filter((name) => !SEPARATE_ENTRIES.includes(name));
  await joinPart({ ...options, entries: client, chunks: "chunks" });
  for (const name of SEPARATE_ENTRIES) {
    await joinPart({ ...options, groups: [], entries: [name], chunks: `chunks/${name}` });
  }
}

interface PartOptions extends JoinOptions {
  /** The directory of the files that are not entry points. */
  chunks: string;
}

async function joinPart(
  { entries, chunks, from, to, paths = {}, groups }: PartOptions,
): Promise<void> {
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, pathOf(`${name}.js`, from)])),
    external: [/^node:/, ...EXTERNAL_PACKAGES],
    plugins: [inlineHelpers(), escapeUnicode()],
    platform: "neutral",
    preserveEntrySignatures: "strict",
    treeshake: { propertyReadSideEffects: false },
    experimental: { attachDebugInfo: "none" },
    // It only warns about an import that it cannot resolve, and leaves it in the result.
    onLog(level, { code, message }) {
      if (level === "warn" && code !== JOINED_LAZY_MODULE) throw new Error(message);
    },
  });
  await bundle.write({
    dir: fileURLToPath(to),
    format: "esm",
    minify: false,
    entryFileNames: "[name].js",
    chunkFileNames: `${chunks}/[name].js`,
    codeSplitting: {
      groups: groups.map(({ name, roots }, index) => ({
        name,
        test: roots instanceof RegExp ? roots : (id) => roots.some((root) => pathOf(root, from) === id),
        priority: groups.length - index,
      })),
    },
    paths,
    // Annotations tell a bundler what it may drop. Doc comments are in the declarations; here they would cost each start 2 ms.
    comments: { annotation: true, jsdoc: false, legal: false },
  });
  await bundle.close();
}

function pathOf(module: string, folder: URL): string {
  return fileURLToPath(new URL(module, folder));
}

/**
 * Copies rolldown's helper, which separates the exports of several lazy modules in one file, into each file that calls
 * it: its own file would be one more to read for every command.
 */
function inlineHelpers(): Plugin {
  return {
    name: "inline-helpers",
    generateBundle(_options, bundle) {
      const helper = Object.values(bundle).find((file) => file.name === "rolldown-runtime");
      if (helper?.type !== "chunk") return;
      const definition = helper.code.replace(/^export .*$/m, "").trim();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk" || !chunk.imports.includes(helper.fileName)) continue;
        chunk.code = chunk.code.replace(/^import .*\/rolldown-runtime\.js";$/m, () => definition);
        chunk.imports = chunk.imports.filter((name) => name !== helper.fileName);
      }
      delete bundle[helper.fileName];
    },
  };
}

/** Leaves only ASCII: a single other character makes the engine hold a whole file in two bytes per character. */
function escapeUnicode(): Plugin {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return {
    name: "escape-unicode",
    renderChunk(code) {
      // Here an escape would mean something else.
      if (/\\[^\0-\x7f]|String\.raw/.test(code)) throw new Error("Cannot escape what follows a backslash");
      return code.replace(/[^\0-\x7f]/g, escape);
    },
  };
}
