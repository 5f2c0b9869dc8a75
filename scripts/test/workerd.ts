import { Miniflare } from "npm:miniflare@4.20260730.0";
import { bundleWorker, needsNode } from "./bundle_worker.ts";
import type { TestResult } from "./junit.ts";
import type { RuntimeReport } from "./runners.ts";

const COMPATIBILITY_DATE = "2026-07-01";

/**
 * Runs tests of the server half inside workerd, with and without its compatibility with Node. Tests that need Node's
 * own modules cannot run there.
 *
 * @param sources The tests.
 * @returns What they came to.
 */
export async function runWorkerd(sources: string[]): Promise<RuntimeReport[]> {
  const unfit = new Set<string>();
  for (const source of sources) {
    if (await needsNode(source)) unfit.add(source);
  }
  const fit = sources.filter((source) => !unfit.has(source));
  if (fit.length === 0) return [];
  const script = await bundleWorker(fit);
  const note = `tests that import node: modules cannot run there: ${[...unfit].join(", ") || "none"}`;
  const reports: RuntimeReport[] = [];
  for (const flags of [[], ["nodejs_compat"]]) {
    const runtime = ["workerd", ...flags].join("+");
    reports.push({ runtime, results: await runWorker(script, flags), note });
  }
  return reports;
}

async function runWorker(script: string, compatibilityFlags: string[]): Promise<TestResult[]> {
  const miniflare = new Miniflare({
    // Listed, they are taken as they are: what the script imports lazily is not looked for beforehand.
    modules: [{ type: "ESModule", path: "worker.js", contents: script }],
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags,
  });
  try {
    const response = await miniflare.dispatchFetch("http://localhost/");
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text);
  } catch (error) {
    return [{ name: "the worker answers", outcome: "failed", message: String(error) }];
  } finally {
    await miniflare.dispose();
  }
}
