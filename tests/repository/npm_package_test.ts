import { assertEquals, assertMatch } from "@std/assert";
import { beforeAll, describe } from "@std/testing/bdd";
import { checkPackage, createPackageFromTarballData } from "npm:@arethetypeswrong/core@0.18.5";
import { publint } from "npm:publint@0.3.25";
import { fileURLToPath } from "node:url";
import { entryPoints, readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { installPackages } from "../../scripts/install_packages.ts";
import { npmManifest } from "../../scripts/npm/manifest.ts";
import { run } from "../../scripts/run.ts";
import { itWith, type Requirement } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { importsOf, listFiles } from "./npm_package/package_files.ts";

const setup = readSetup();
const built: Requirement = {
  missing: setup === undefined ? "it needs the package that 'deno task test' builds" : undefined,
};

/** Two empty projects: one installs the package alone, one the optional peer as well. */
const ALONE = new URL(".build/consumers/alone/", ROOT);
const WITH_PEER = new URL(".build/consumers/with_peer/", ROOT);
const PACKAGE = new URL("node_modules/@clerk/cli-auth/", ALONE);
const FIXTURES = new URL("npm_package/consumer/", import.meta.url);
/** What uses the package in them; the types are used from both kinds of module. */
const CONSUMERS: [source: string, target?: string][] = [
  ["import.mjs"],
  ["require.cjs"],
  ["types.mts"],
  ["types.mts", "types.cts"],
];

describe("the npm package", () => {
  beforeAll(async () => {
    if (setup === undefined) return;
    const { name, peerDependencies } = npmManifest(await readDenoConfig());
    const alone = { [name]: `file:${setup.tarball}`, typescript: "5.9.3" };
    await installPackages(ALONE, alone);
    await installPackages(WITH_PEER, { ...alone, ...peerDependencies });
    for (const project of [ALONE, WITH_PEER]) {
      for (const [source, target = source] of CONSUMERS) {
        await Deno.copyFile(new URL(source, FIXTURES), new URL(target, project));
      }
    }
  });

  for (const runtime of ["node", "bun"] as const) {
    itWith(built, `import gives every entry point on ${runtime}`, async () => {
      assertEquals(await runIn(ALONE, [setup?.[runtime] ?? "", "import.mjs"]), "imported\n");
    });

    itWith(
      built,
      `require gives every entry point, and the very copy that import gives, on ${runtime}`,
      async () => {
        assertEquals(await runIn(ALONE, [setup?.[runtime] ?? "", "require.cjs"]), "required\n");
      },
    );
  }

  for (const [project, peer] of [[ALONE, "without"], [WITH_PEER, "with"]] as const) {
    for (const resolution of ["nodenext", "bundler"]) {
      itWith(
        built,
        `its types hold under ${resolution} resolution ${peer} the optional peer`,
        async () => {
          const module = resolution === "nodenext" ? "nodenext" : "esnext";
          const files = resolution === "nodenext" ? ["types.mts", "types.cts"] : ["types.mts"];
          await runIn(project, [
            ...["node", "node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "false"],
            ...["--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--module", module],
            ...["--moduleResolution", resolution, ...files],
          ]);
        },
      );
    }
  }

  itWith(built, "publint finds nothing", async () => {
    const { messages } = await publint({ pkgDir: fileURLToPath(PACKAGE), strict: true, pack: false });
    assertEquals(messages, []);
  });

  itWith(built, "its types are those of its modules in every resolution mode", async () => {
    const result = await checkPackage(
      createPackageFromTarballData(await Deno.readFile(setup?.tarball ?? "")),
    );
    assertEquals(result.types && result.problems, []);
  });

  itWith(built, "it needs nothing installed but what its manifest offers", async () => {
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
    "it holds modules, their types and the documents, and no path of the machine that built it",
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
    "it holds every entry point for import and for require, and nothing else at that place",
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

  itWith(built, "its program is the setup of an OAuth application", async () => {
    assertMatch(
      await runIn(ALONE, ["npx", "--no-install", "@clerk/cli-auth", "setup", "--help"]),
      /^Usage: setup/,
    );
  });

  itWith(built, "importing the client reads two files", async () => {
    assertEquals((await filesLoadedBy("esm/mod.js")).length, 2);
  });

  itWith(built, "nothing that another runtime loads runs Deno's adapter", async () => {
    for (const file of await listFiles(PACKAGE, /\.js$/)) {
      const { static: specifiers } = await importsOf(new URL(file, PACKAGE));
      assertEquals(specifiers.filter((specifier) => specifier.endsWith("/deno.js")), [], file);
    }
  });

  itWith(built, "the server half imports nothing of Node, lazily neither", async () => {
    const files = await filesLoadedBy("esm/server.js", "all");
    const specifiers = await Promise.all(
      files.map(async (file) => (await importsOf(new URL(file, PACKAGE))).all),
    );
    assertEquals(specifiers.flat().filter((specifier) => !specifier.startsWith(".")), ["@clerk/backend"]);
  });
});

async function runIn(project: URL, [command = "", ...args]: string[]): Promise<string> {
  return await run(command, args, { cwd: project });
}

/** The files of the package that a module loads: at once, or also lazily. */
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
