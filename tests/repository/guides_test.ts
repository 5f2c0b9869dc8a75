import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { canRunOn, type ProgramRuntime } from "../harness/program.ts";
import { itAtLength, itWith } from "../harness/requirement.ts";
import { createGuideProject, type GuideProject } from "./guides/guide_project.ts";
import { runToEnd, startUntil } from "./guides/programs.ts";
import {
  startSurroundings,
  type Surroundings,
  useBackend,
  useTool,
  withNewHome,
} from "./guides/quick_start.ts";

/**
 * The command-line tools in the documents, and the runtimes on which each is tried, with the npm package, or on Deno
 * with the sources. jsr_package_test.ts tries the README's on all runtimes, with the package from JSR.
 */
const TOOLS: readonly [document: string, file: string, runtime: ProgramRuntime][] = [
  ["README.md", "cli.js", "node"],
  ["docs/deno_cli.md", "cli.ts", "deno"],
  ["docs/node_and_bun_cli.md", "cli.js", "bun"],
];

const RUNTIMES = ["deno", "node", "bun"] as const;
const NEEDED = canRunOn("node");

describe("what a reader copies from the documents", () => {
  let projects: Record<ProgramRuntime, GuideProject>;
  let surroundings: Surroundings;

  beforeAll(async () => {
    if (NEEDED.missing !== undefined) return;
    const [deno, node, bun] = await Promise.all(RUNTIMES.map(createGuideProject));
    assert(deno && node && bun);
    projects = { deno, node, bun };
    surroundings = await startSurroundings();
  });
  afterAll(async () => {
    if (NEEDED.missing !== undefined) return;
    await surroundings.close();
    await Promise.all(Object.values(projects).map((project) => project.remove()));
  });

  for (const [document, file, runtime] of TOOLS) {
    itWith(NEEDED, `signs in with ${file} of ${document} on ${runtime}`, async () => {
      await useTool(projects[runtime], { document, file, placeholders: surroundings.placeholders });
    });
  }

  for (const runtime of ["node", "bun"] as const) {
    itWith(NEEDED, `serves identities with the backend of README.md on ${runtime}`, async () => {
      await useBackend(projects[runtime], { runtime, ...surroundings });
    });
  }

  for (const runtime of ["node", "bun"] as const) {
    const itOnce = runtime === "node" ? itWith : itAtLength;
    itOnce(NEEDED, `signs in by the emulator that the package starts on ${runtime}`, async () => {
      await withNewHome(async (env) => {
        const { folder, write } = projects[runtime];
        const { placeholders } = surroundings;
        const guide = "docs/testing_with_the_emulator.md";
        const browser = await write(guide, "browser.js", placeholders);
        const program = `${folder}/node_modules/@clerk/cli-auth/bin/cli-auth.js`;
        const running = await startUntil([browser[0], program, "emulator", "--port", "0"], {
          cwd: folder,
          env,
          pattern: /CLERK_OAUTH_CLIENT_ID=\S+\n/,
        });
        try {
          const [, issuer = "", clientId = ""] = /API_URL=(\S+)[^]+CLIENT_ID=(\S+)/.exec(running.output) ??
            [];
          const inFolder = { cwd: folder, env: { ...env, BROWSER: browser.join(" ") } };
          const login = await write("README.md", "login.js", { ...placeholders, issuer });
          const { stdout } = await runToEnd(login, inFolder);
          assertMatch(stdout, /^Hello, Ada Lovelace\nA token of \d+ characters\n$/);
          const tool = await write("README.md", "cli.js", { ...placeholders, issuer, clientId });
          const { code, stderr } = await runToEnd([...tool, "login"], inFolder);
          assertEquals(code, 0, stderr);
          assertEquals((await runToEnd([...tool, "whoami"], inFolder)).stdout, "ada@example.com\n");
        } finally {
          await running.stop();
        }
      });
    });
  }
});
