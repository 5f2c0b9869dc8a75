import type { DenoConfig } from "../deno_config.ts";
import { npmManifest } from "../npm/manifest.ts";
import { joinModules, type ModuleGroup } from "../compile/join_modules.ts";
import { ADAPTER_HELPERS, startGroups } from "../compile/start_groups.ts";

/** What {@linkcode joinForJsr} joins. */
export interface JoinForJsrOptions {
  /** The names of the entry points. */
  entries: string[];
  /** The folder of the compiled ES modules. */
  from: URL;
  /** The folder of the package. */
  to: URL;
  /** The configuration in use. */
  config: DenoConfig;
}

/**
 * Joins the modules of the JSR package. Deno reads every file that a program can import when the program starts, lazily
 * imported ones too, and runs them when they are imported: so it gets as few files as there are moments to run them. Each
 * adapter has its own: JSR maps the package to npm, and there Node and Bun run it.
 *
 * @param options What to join.
 */
export async function joinForJsr({ entries, from, to, config }: JoinForJsrOptions): Promise<void> {
  const groups: ModuleGroup[] = [
    ...startGroups(
      ["src/runtime/deno.js", "src/runtime/node.js", "src/runtime/bun.js", ...ADAPTER_HELPERS],
      /^(?!.*[/\\]src[/\\]runtime[/\\](deno|node|bun)\b)/,
    ),
    { name: "deno", roots: ["mod.js"], lazy: true, within: /[/\\]src[/\\]runtime[/\\]deno\b/ },
    { name: "node", roots: ["mod.js"], lazy: true, within: /[/\\]src[/\\]runtime[/\\](node|bun)\b/ },
    { name: "later", roots: ["mod.js"], lazy: true },
    { name: "commands", roots: ["commands.js"], lazy: true },
  ];
  await joinModules({ entries, from, to, groups, paths: npmSpecifiers(config) });
}

/** A package that a module imports needs a version there. */
function npmSpecifiers(config: DenoConfig): Record<string, string> {
  const { peerDependencies, optionalDependencies } = npmManifest(config);
  const ranges = { ...peerDependencies, ...optionalDependencies };
  return Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, `npm:${name}@${range}`]));
}
