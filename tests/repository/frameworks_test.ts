import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { cliAuth, handle } from "@clerk/cli-auth/server";
import { createEmulator } from "@clerk/cli-auth/testing";
import { ROOT } from "../../scripts/deno_config.ts";
import { codeBlocksOf, readDocument } from "../../scripts/markdown.ts";
import { IS_THOROUGH } from "../harness/extent.ts";
import { canRunOn, commandOf } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { createProject, type Project } from "../server_platforms/support/project.ts";
import { guideProjectIn, type Placeholders } from "./guides/guide_project.ts";
import { type Ended, runToEnd } from "./guides/programs.ts";
import { withNewHome } from "./guides/quick_start.ts";

/** Bun runs every framework, and starts in the least time. */
const NEEDED = canRunOn("bun");
const PACKAGES = [
  "@oclif/core",
  "citty",
  "commander",
  "hono",
  "ink",
  "ky",
  "openapi-fetch",
  "react",
  "yargs",
];

/** The programs of each guide, which import its `auth.js`. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  "docs/argument_parsers.md": ["commander.js", "yargs.js", "citty.js", "cliffy.js", "oclif.js"],
  "docs/http_clients.md": ["fetch.js", "openapi_fetch.ts", "ky.js", "hono_client.ts"],
};

/** Runs a program in the project with some arguments. */
type Run = (file: string, ...args: string[]) => Promise<Ended>;

describe("a program for each framework of the guides", () => {
  let project: Project;
  let close: () => Promise<unknown>;
  let placeholders: Placeholders;

  beforeAll(async () => {
    if (NEEDED.missing !== undefined) return;
    project = await createProject({ packages: PACKAGES });
    const emulator = createEmulator();
    const { issuer, close: closeEmulator } = await emulator.listen();
    const clientConfig = { secretKey: emulator.secretKey, apiUrl: issuer, telemetry: { disabled: true } };
    const { clientId } = emulator.application;
    const identify = handle({ auth: cliAuth({ clientConfig, clientIds: [clientId] }) });
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const response = await identify(new Request(request.url, { headers: request.headers }));
      return response.ok && request.method === "POST" ? Response.json({ id: 1 }, { status: 201 }) : response;
    });
    placeholders = { clientId, issuer, api: `http://127.0.0.1:${server.addr.port}` };
    close = () => Promise.all([closeEmulator(), server.shutdown()]);
    await installCliffy(project);
  });
  afterAll(async () => {
    if (NEEDED.missing === undefined) await Promise.all([close(), project.remove()]);
  });

  /** Writes the files that a guide shows, and runs a task in a new home. */
  async function follow(guide: string, task: (run: Run) => Promise<void>): Promise<void> {
    const { write } = guideProjectIn(project.folder, ["bun"]);
    const blocks = codeBlocksOf(await readDocument(guide));
    for (const { file } of blocks) if (file !== undefined) await write(guide, file, placeholders);
    const manifest = blocks.find(({ language }) => language === "json")?.code;
    if (manifest !== undefined) await Deno.writeTextFile(`${project.folder}/package.json`, manifest);
    const browser = [...commandOf("scripted_browser", { runtime: "bun", permissions: [] }), "ada@example.com"]
      .join(" ");
    await withNewHome((env) =>
      task((file, ...args) =>
        runToEnd([readSetup()!.bun, `with_${file}`, ...args], {
          cwd: project.folder,
          env: { ...env, BROWSER: browser },
        })
      )
    );
  }

  for (const [index, file] of PROGRAMS["docs/argument_parsers.md"]!.entries()) {
    itWith(NEEDED, `passes the ready-made commands their arguments: with_${file}`, async () => {
      await follow("docs/argument_parsers.md", async (run) => {
        const status = await run(file, "status", "--json", "--profile", "work");
        assertMatch(JSON.parse(status.stdout).error.message, /"work"/);
        assertEquals((await run(file, "whoami", "--frobnicate")).code, 2);
        // What the commands then do is the same for all.
        if (IS_THOROUGH || index === 0) await useSession(run, file);
      });
    });
  }

  async function useSession(run: Run, file: string): Promise<void> {
    assertEquals((await run(file, "login", "--profile", "work", "--scopes", "email,openid")).code, 0);
    const status = await run(file, "status", "--json", "--profile", "work");
    assertEquals(JSON.parse(status.stdout).credential.scopes, ["email", "openid"]);
    assertEquals((await run(file, "profiles", "use", "work")).code, 0);
    assertStringIncludes((await run(file, "me")).stdout, '"sub":"user_');
    await run(file, "logout", "--no-revoke", "--all");
    assertEquals((await run(file, "me")).code, 1, "nobody is signed in");
  }

  itWith(NEEDED, "shows the login in Ink", async () => {
    await follow("docs/argument_parsers.md", async (run) => {
      assertMatch((await run("ink.js")).stdout, /Signed in as ada@example\.com/);
    });
  });

  itWith(NEEDED, "sends the token with each HTTP client", async () => {
    await follow("docs/http_clients.md", async (run) => {
      await Deno.writeTextFile(
        `${project.folder}/with_login.js`,
        'import { auth } from "./auth.js";\nawait auth.login();\n',
      );
      assertEquals((await run("login.js")).code, 0);
      for (const file of PROGRAMS["docs/http_clients.md"]!) {
        const { stdout, stderr } = await run(file);
        assertMatch(stdout, /^201 .*1/, `${file}: ${stderr}`);
      }
      assertMatch((await run("a_token.js")).stdout, /^Authorization: Bearer eyJ/);
    });
  });
});

/** Cliffy is on JSR alone: what stands in for it does as its `Command`. */
async function installCliffy({ folder }: Project): Promise<void> {
  const directory = `${folder}/node_modules/@cliffy/command`;
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(`${directory}/package.json`, '{"name": "@cliffy/command", "main": "command.ts"}');
  const standIn = new URL("tests/examples/cliffy_stand_in.ts", ROOT);
  await Deno.copyFile(standIn, `${directory}/command.ts`);
}
