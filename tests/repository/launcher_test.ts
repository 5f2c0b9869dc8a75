import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { ROOT } from "../../scripts/deno_config.ts";
import { jsrAnswers } from "../../scripts/registry.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

/** The part of the repository that the launcher needs, and where it remembers its choice. */
let repository: TemporaryFolder;
let launcher: string;

interface Launch {
  code: number;
  stdout: string;
  stderr: string;
}

async function launch(args: string[], env: Record<string, string>): Promise<Launch> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--quiet", launcher, ...args],
    env: { CLI_AUTH_REGISTRY: "", ...env },
    cwd: repository.path,
  }).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out, stderr: err };
}

/** Sends the same response to every request, and counts the requests. */
async function withServer(
  answer: () => Response | Promise<Response>,
  task: (url: string, count: () => number) => Promise<void>,
): Promise<void> {
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    requests++;
    return answer();
  });
  try {
    await task(`http://127.0.0.1:${server.addr.port}/`, () => requests);
  } finally {
    await server.shutdown();
  }
}

describe("jsrAnswers()", () => {
  it("waits at most three seconds for a response", async () => {
    const { timeout } = AbortSignal;
    const deadline = new AbortController();
    const timeouts: number[] = [];
    AbortSignal.timeout = (durationMs) => {
      timeouts.push(durationMs);
      return deadline.signal;
    };
    const asked = Promise.withResolvers<void>();
    const silence = Promise.withResolvers<Response>();
    const keepSilent = () => {
      asked.resolve();
      return silence.promise;
    };
    try {
      await withServer(keepSilent, async (url) => {
        const answers = jsrAnswers(url);
        await asked.promise;
        deadline.abort();
        assertEquals([await answers, timeouts], [false, [3_000]]);
        silence.resolve(new Response());
      });
    } finally {
      AbortSignal.timeout = timeout;
    }
  });
});

const PRINT_REGISTRY = ["eval", "console.log(Deno.env.get('CLI_AUTH_REGISTRY'))"];

describe("scripts/deno.ts", () => {
  beforeEach(async () => {
    repository = await makeTemporaryFolder();
    launcher = join(repository.path, "scripts/deno.ts");
    await Deno.mkdir(join(repository.path, "scripts"));
    for (const file of ["scripts/deno.ts", "scripts/registry.ts", "deno.json", "deno.npm.json"]) {
      await Deno.copyFile(new URL(file, ROOT), join(repository.path, file));
    }
  });

  afterEach(() => repository.remove());

  it("uses JSR if a registry responds there, and says so", async () => {
    await withServer(() => Response.json({ versions: {} }), async (url) => {
      const { stdout, stderr } = await launch(PRINT_REGISTRY, { JSR_URL: url });
      assertEquals(stdout, "jsr\n");
      assertStringIncludes(stderr, "Using JSR (deno.json)");
    });
  });

  it("uses only the npm registry if nothing responds, and says so", async () => {
    const { stdout, stderr } = await launch(PRINT_REGISTRY, { JSR_URL: "http://127.0.0.1:1/" });
    assertEquals(stdout, "npm\n");
    assertStringIncludes(stderr, "Using only the npm registry (deno.npm.json)");
  });

  it("does not mistake a captive portal's page for JSR", async () => {
    await withServer(() => new Response("<h1>Welcome</h1>"), async (url) => {
      assertEquals((await launch(PRINT_REGISTRY, { JSR_URL: url })).stdout, "npm\n");
    });
  });

  it("checks once an hour, and says each time what it uses", async () => {
    await withServer(() => Response.json({ versions: {} }), async (url, count) => {
      const first = await launch(PRINT_REGISTRY, { JSR_URL: url });
      assertEquals(await launch(PRINT_REGISTRY, { JSR_URL: url }), first);
      assertEquals(count(), 1);
      const memory = join(repository.path, ".build/registry.json");
      const { askedAt, ...choice } = JSON.parse(await Deno.readTextFile(memory));
      await Deno.writeTextFile(memory, JSON.stringify({ ...choice, askedAt: askedAt - 3_600_000 }));
      assertEquals(await launch(PRINT_REGISTRY, { JSR_URL: url }), first);
      assertEquals(count(), 2);
    });
  });

  it("checks a registry that is new to it", async () => {
    await withServer(() => Response.json({ versions: {} }), async (url) => {
      assertEquals((await launch(PRINT_REGISTRY, { JSR_URL: "http://127.0.0.1:1/" })).stdout, "npm\n");
      assertEquals((await launch(PRINT_REGISTRY, { JSR_URL: url })).stdout, "jsr\n");
    });
  });

  it("checks once: a nested launch inherits the choice", async () => {
    await withServer(() => Response.json({ versions: {} }), async (url, count) => {
      const nested = `
        const args = ["run", "-A", "--no-lock", ${JSON.stringify(launcher)}, ...${
        JSON.stringify(PRINT_REGISTRY)
      }];
        const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
        await Deno.stdout.write(stdout);
      `;
      assertEquals((await launch(["eval", nested], { JSR_URL: url })).stdout, "jsr\n");
      assertEquals(count(), 1);
    });
  });

  it("follows CLI_AUTH_REGISTRY without checking", async () => {
    await withServer(() => Response.json({ versions: {} }), async (url, count) => {
      const { stdout, stderr } = await launch(PRINT_REGISTRY, { JSR_URL: url, CLI_AUTH_REGISTRY: "npm" });
      assertEquals({ stdout, stderr, requests: count() }, { stdout: "npm\n", stderr: "", requests: 0 });
    });
  });

  it("rejects an unknown CLI_AUTH_REGISTRY", async () => {
    const { code, stderr } = await launch(PRINT_REGISTRY, { CLI_AUTH_REGISTRY: "yarn" });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "must be 'jsr' or 'npm': got 'yarn'");
  });

  it("passes arguments on and exits with the command's exit code", async () => {
    const { code, stdout } = await launch([
      "eval",
      "console.log(Deno.args.join('|')); Deno.exit(7)",
      "a b",
      "--c",
    ], {
      CLI_AUTH_REGISTRY: "npm",
    });
    assertEquals({ code, stdout }, { code: 7, stdout: "a b|--c\n" });
  });
});
