import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { chmod, chown, cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { allOf, itWith, type Requirement, unlessWindows } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const setup = readSetup();
const built: Requirement = {
  missing: setup === undefined ? "it needs the package that 'deno task test' builds" : undefined,
};

/** Stores something in the keychain and writes the outcome. */
const PROGRAM = `
import { createCredentialStore } from "@clerk/cli-auth";
const store = createCredentialStore("keychain", { filePath: process.argv[2] });
console.log(await store.set("tokens", "value").then(() => "stored", (error) => error.code + ": " + error.message));
`;

describe("a keychain binding above the program's own directory", () => {
  let folder: TemporaryFolder;
  let shared: string;
  let app: string;

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    if (setup === undefined) return;
    shared = join(folder.path, "shared");
    app = join(shared, "app");
    const [from, to] = [setup.modules, join(app, "node_modules")].map((path) =>
      join(path, "@clerk/cli-auth")
    );
    await cp(from!, to!, { recursive: true });
    const planted = join(shared, "node_modules", "@napi-rs", "keyring");
    await mkdir(planted, { recursive: true });
    await writeFile(join(planted, "package.json"), '{"name":"@napi-rs/keyring","main":"index.js"}');
    await writeFile(
      join(planted, "index.js"),
      'console.log("PLANTED CODE RUNS"); exports.AsyncEntry = class {};',
    );
    await writeFile(join(app, "store.mjs"), PROGRAM);
    await writeFile(join(app, "package.json"), '{"dependencies":{"@clerk/cli-auth":"*"}}');
    await chmod(shared, 0o755);
  });
  afterEach(() => folder.remove());

  async function store(runtime: "deno" | "node" | "bun"): Promise<string> {
    const { stdout, stderr } = await new Deno.Command(setup![runtime], {
      args: [
        ...(runtime === "deno" ? ["run", "-A", "--node-modules-dir=manual"] : []),
        join(app, "store.mjs"),
        join(folder.path, "credentials.json"),
      ],
      cwd: app,
      env: { DBUS_SESSION_BUS_ADDRESS: "unix:path=/none" },
    }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  }

  for (const runtime of ["deno", "node", "bun"] as const) {
    itWith(
      allOf(built, unlessWindows("permission bits")),
      `is refused where others can write to it, and nothing is stored in the clear (${runtime})`,
      async () => {
        await chmod(shared, 0o777);
        const said = await store(runtime);
        assertStringIncludes(said, "keychain: The keychain failed: ");
        assertStringIncludes(said, "others can write to it");
        assertEquals(said.includes("PLANTED"), false);
        assertEquals((await readdir(folder.path)).filter((name) => name.endsWith(".json")), []);
      },
    );
  }

  for (const runtime of ["deno", "node", "bun"] as const) {
    itWith(built, `is not looked for if the program has its own (${runtime})`, async () => {
      const own = "node_modules/@napi-rs/keyring";
      for (const name of await readdir(join(setup!.modules, "@napi-rs"))) {
        await cp(join(setup!.modules, "@napi-rs", name), join(app, own, "..", name), { recursive: true });
      }
      assertEquals(await store(runtime), "stored\n");
    });
  }

  itWith(
    {
      missing: built.missing ??
        (process.getuid?.() === 0 ? undefined : "only root can give a directory away"),
    },
    "is refused if another user owns it",
    async () => {
      await chown(join(shared, "node_modules"), 65534, 65534);
      const said = await store("node");
      assertStringIncludes(said, "others can write to it");
      assertEquals(said.includes("PLANTED"), false);
    },
  );
});
