import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "npm:playwright-core@1.65.1";
import type { Requirement } from "./requirement.ts";

/** The shell without windows first: everything costs it half as much. */
const PATHS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
  .map((name) => `/usr/bin/${name}`);

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // One process for all pages: each takes almost a second of CPU time to start.
  "--in-process-gpu",
  "--disable-site-isolation-trials",
  "--renderer-process-limit=1",
];

const path = PATHS.find(isExecutable);

/** A Chromium on this machine. */
export const CHROMIUM: Requirement = {
  missing: path === undefined ? "there is no Chromium: apt-get install chromium-headless-shell" : undefined,
};

export type Page = Awaited<ReturnType<BrowserContext["newPage"]>>;

/** A running Chromium with its own profile. */
export interface Chromium {
  context: BrowserContext;
  /** Ends it and removes its profile. */
  close(): Promise<void>;
}

/** Starts Chromium without a window. */
export async function startChromium(): Promise<Chromium> {
  if (path === undefined) throw new Error(`Cannot start a browser: ${CHROMIUM.missing}`);
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: path,
    headless: true,
    args: FLAGS,
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Missing, or not ours to run. The next one may be.
    return false;
  }
}
