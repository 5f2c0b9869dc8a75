// Resolves what Deno resolves by itself: the import map, `npm:` specifiers, and this package by its name.
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Tinypool } from "tinypool";
import { BaseSequencer } from "vitest/node";

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

// Vitest starts a new worker thread for every run, and with it all modules: that takes longer than most mutants do.
Tinypool.prototype.recycleWorkers = () => Promise.resolve();

/** A mutant is done with at the first test that fails: quick files come first, and before them what failed last. */
class LikelyFirst extends BaseSequencer {
  async sort(files) {
    const result = ({ project, moduleId }) =>
      this.ctx.cache.getFileTestResults(`${project.name}:${relative(this.ctx.config.root, moduleId)}`);
    const order = (file) => result(file)?.failed ? -1 : result(file)?.duration ?? 0;
    return await Promise.resolve(files.toSorted((a, b) => order(a) - order(b)));
  }
}

export default {
  plugins: [denoSpecifiers],
  test: {
    setupFiles: ["./worker.mjs"],
    include: JSON.parse(process.env.MUTATE_TESTS ?? "[]"),
    // One realm for all files, and all mutants: one costs a run of its tests, not a start of all modules.
    isolate: false,
    sequence: { sequencer: LikelyFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
};
