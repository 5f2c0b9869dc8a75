// Resolves what Deno resolves by itself: the import map, `npm:` specifiers, and this package by its name.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const OWN_NAME = "@clerk/cli-auth";
const NPM_SPECIFIER = /^npm:((?:@[^/@]+\/)?[^/@]+)@[^/]+(\/.*)?$/;

const root = dirname(fileURLToPath(import.meta.url));
const { imports, exports } = JSON.parse(readFileSync(resolve(root, "deno.npm.json"), "utf8"));
const entries = Object.entries(exports).map(([subpath, file]) => [OWN_NAME + subpath.slice(1), file]);
const targets = { ...imports, ...Object.fromEntries(entries), "@std/testing/bdd": "./bdd.mjs" };

const denoSpecifiers = {
  name: "deno-specifiers",
  enforce: "pre",
  async resolveId(specifier, importer) {
    const target = targets[specifier] ?? specifier;
    const [, name, subpath = ""] = NPM_SPECIFIER.exec(target) ?? [];
    if (name) return await this.resolve(name + subpath, importer, { skipSelf: true });
    return target === specifier ? undefined : resolve(root, target);
  },
};

export default {
  plugins: [denoSpecifiers],
  test: {
    setupFiles: ["./worker.mjs"],
    include: JSON.parse(process.env.MUTATE_TESTS ?? "[]"),
    // One realm for all files: a mutant costs a run of its tests, not a start of all modules.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
};
