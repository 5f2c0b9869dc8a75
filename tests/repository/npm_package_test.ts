import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { checkPackage, createPackageFromTarballData } from "npm:@arethetypeswrong/core@0.18.5";
import { publint } from "npm:publint@0.3.25";
import { fileURLToPath, pathToFileURL } from "node:url";
import { entryPoints, readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { run } from "../../scripts/run.ts";
import { itWith, type Requirement } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { createProject, type Project } from "../server_platforms/support/project.ts";
import { importsOf, listFiles } from "./npm_package/package_files.ts";
import { type Resolution, typeErrors } from "./npm_package/type_errors.ts";

const setup = readSetup();
const built: Requirement = {
  missing: setup === undefined ? "it needs the package that 'deno task test' builds" : undefined,
};

const PACKAGE = pathToFileURL(`${setup?.modules}@clerk/cli-auth/`);
const FIXTURES = new URL("npm_package/consumer/", import.meta.url);
/** The programs of a project; both kinds of modules use the types. */
const CONSUMERS: [source: string, target?: string][] = [
  ["import.mjs"],
  ["require.cjs"],
  ["types.mts"],
  ["types.mts", "types.cts"],
];

/** How its types are resolved, and which of these files use them. */
const RESOLUTIONS: Record<Resolution, string[]> = {
  nodenext: ["types.mts", "types.cts"],
  bundler: ["types.mts"],
};

describe("the npm package", () => {
  /** Two projects: one with only the package, one also with the optional peer. */
  let alone: Project;
  let withPeer: Project;

  beforeAll(async () => {
    if (setup === undefined) return;
    alone = await createProject({});
    withPeer = await createProject({ packages: ["@clerk/backend"] });
    for (const { folder } of [alone, withPeer]) {
      for (const [source, target = source] of CONSUMERS) {
        await Deno.copyFile(new URL(source, FIXTURES), `${folder}/${target}`);
      }
    }
  });
  afterAll(async () => {
    await alone?.remove();
    await withPeer?.remove();
  });

  for (const runtime of ["node", "bun"] as const) {
    itWith(built, `import loads every entry point on ${runtime}`, async () => {
      const { folder: cwd } = alone;
      assertEquals(await run(setup?.[runtime] ?? "", ["import.mjs"], { cwd }), "imported\n");
    });

    itWith(
      built,
      `require loads every entry point, the same copy as import, on ${runtime}`,
      async () => {
        const { folder: cwd } = alone;
        assertEquals(await run(setup?.[runtime] ?? "", ["require.cjs"], { cwd }), "required\n");
      },
    );
  }

  for (const peer of ["without", "with"]) {
    for (const [resolution, files] of Object.entries(RESOLUTIONS)) {
      itWith(built, `its types work under ${resolution} resolution ${peer} the optional peer`, () => {
        const { folder } = peer === "with" ? withPeer : alone;
        assertEquals(typeErrors(folder, { files, resolution: resolution as Resolution }), []);
      });
    }
  }

  itWith(built, "publint finds nothing", async () => {
    const { messages } = await publint({ pkgDir: fileURLToPath(PACKAGE), strict: true, pack: false });
    assertEquals(messages, []);
  });

  itWith(built, "its types match its modules in every resolution mode", async () => {
    const result = await checkPackage(
      createPackageFromTarballData(await Deno.readFile(setup?.tarball ?? "")),
    );
    assertEquals(result.types && result.problems, []);
  });

  itWith(built, "it needs only packages that its manifest lists", async () => {
    const manifest = JSON.parse(await Deno.readTextFile(new URL("package.json", PACKAGE)));
    assertEquals(manifest.dependencies, undefined);
    assertEquals(Object.keys(manifest.peerDependencies), Object.keys(manifest.peerDependenciesMeta));
    const outside = new Set<string>();
    for (const file of await listFiles(PACKAGE, /\.js$/)) {
      for (const specifier of (await importsOf(new URL(file, PACKAGE))).all) {
        if (!/^(\.|node:)/.test(specifier)) outside.add(specifier);
      }
    }
    const offered = [
      ...Object.keys(manifest.peerDependencies),
      ...Object.keys(manifest.optionalDependencies),
    ];
    assertEquals([...outside].filter((specifier) => !offered.includes(specifier)), []);
  });

  itWith(
    built,
    "it contains modules, their types and the documents, and no path of the machine that built it",
    async () => {
      const expected =
        /^(bin\/cli-auth\.js|(esm|script)\/\w+\.(js|d\.ts)|esm\/chunks\/.*\.js|script\/types\/\w+\.d\.ts|(script\/)?package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
      const files = await listFiles(PACKAGE, /(?:)/);
      assertEquals(files.filter((file) => !expected.test(file)), []);
      for (const file of files) {
        const text = await Deno.readTextFile(new URL(file, PACKAGE));
        assertEquals(text.includes(fileURLToPath(ROOT)) || text.includes("sourceMappingURL"), false, file);
      }
    },
  );

  itWith(
    built,
    "it has every entry point for import and for require, and nothing else there",
    async () => {
      const entries = entryPoints(await readDenoConfig()).map(({ name }) => name);
      const expected = ["esm", "script"].flatMap((format) =>
        entries.flatMap((name) => [`${format}/${name}.d.ts`, `${format}/${name}.js`])
      );
      const files = (await listFiles(PACKAGE, /(?:)/)).filter((file) =>
        /^(esm|script)\/\w+\.(js|d\.ts)$/.test(file)
      );
      assertEquals(files, expected.sort());
    },
  );

  itWith(built, "importing the client reads two files", async () => {
    assertEquals((await filesLoadedBy("esm/mod.js")).length, 2);
  });

  itWith(built, "its modules are ASCII, which engines hold in one byte per character", async () => {
    for (const file of await listFiles(PACKAGE, /\.js$/)) {
      assertMatch(await Deno.readTextFile(new URL(file, PACKAGE)), /^[\0-\x7f]+$/, file);
    }
  });

  itWith(built, "no other runtime runs Deno's adapter", async () => {
    for (const file of await listFiles(PACKAGE, /\.js$/)) {
      const { static: specifiers } = await importsOf(new URL(file, PACKAGE));
      assertEquals(specifiers.filter((specifier) => specifier.endsWith("/deno.js")), [], file);
    }
  });

  itWith(built, "the server half imports nothing from Node, not even lazily", async () => {
    const files = await filesLoadedBy("esm/server.js", "all");
    const specifiers = await Promise.all(
      files.map(async (file) => (await importsOf(new URL(file, PACKAGE))).all),
    );
    assertEquals(specifiers.flat().filter((specifier) => !specifier.startsWith(".")), ["@clerk/backend"]);
  });
});

/** The package's files that a module loads: eagerly, or also lazily. */
async function filesLoadedBy(entry: string, kind: "static" | "all" = "static"): Promise<string[]> {
  const files = [entry];
  for (const file of files) {
    for (const specifier of (await importsOf(new URL(file, PACKAGE)))[kind]) {
      const target = new URL(specifier, new URL(file, "file:///")).pathname.slice(1);
      if (specifier.startsWith(".") && !files.includes(target)) files.push(target);
    }
  }
  return files;
}
