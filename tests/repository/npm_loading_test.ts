import { assertEquals, assertLessOrEqual } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
import { unpackPackage } from "../../scripts/npm/tarball.ts";
import { canRunOn } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const NEEDED = canRunOn("node");

/** What a program loads and does: its cost, regardless of noise on the machine. */
interface Cost {
  /** How many files of the package are loaded. */
  files: number;
  /** Their size in kB, at most. */
  maxKilobytes: number;
  /** The slow modules of Node that are loaded. */
  builtins: string[];
  /** How often one of the user's files is opened. */
  opened: number;
  /** The endpoints that are called. */
  requests: string[];
}

const IMPORTS: Readonly<Record<string, Pick<Cost, "files" | "maxKilobytes">>> = {
  "@clerk/cli-auth": { files: 2, maxKilobytes: 33 },
  "@clerk/cli-auth/server": { files: 1, maxKilobytes: 99 },
  "@clerk/cli-auth/commands": { files: 3, maxKilobytes: 39 },
  "@clerk/cli-auth/setup": { files: 6, maxKilobytes: 220 },
  "@clerk/cli-auth/testing": { files: 1, maxKilobytes: 136 },
};

const CALLS: Readonly<Record<string, Cost>> = {
  "a valid token": { files: 3, maxKilobytes: 80, builtins: [], opened: 2, requests: [] },
  "a refresh": {
    files: 4,
    maxKilobytes: 131,
    builtins: ["child_process", "crypto", "http", "net"],
    opened: 19,
    requests: ["token"],
  },
  "a login in place of another": {
    files: 6,
    maxKilobytes: 171,
    builtins: ["child_process", "crypto", "http", "net", "undici", "webcrypto"],
    opened: 14,
    requests: ["revoke", "token", "userinfo"],
  },
};

/** Modules of Node that take milliseconds to load. `undici` is what `fetch` and `Request` are made of. */
const COSTLY = /^NativeModule (?:internal\/.+\/)?(child_process|crypto|http|https|net|undici|webcrypto)$/;

/** The browser's requests, not the package's. */
const BROWSED = ["authorize", "sign_in", "consent"];

/** Runs before a program, and at its end writes what Node has loaded since and how often a file was opened. */
const RECORDER = `
  const fs = require("node:fs");
  const loaded = new Set(process.moduleLoadList);
  let opened = 0;
  for (const name of ["openSync", "readFileSync"]) {
    const original = fs[name];
    fs[name] = (path, ...rest) => {
      if (String(path).startsWith(process.env.XDG_CONFIG_HOME)) opened++;
      return original(path, ...rest);
    };
  }
  process.on("exit", () => {
    const builtins = process.moduleLoadList.filter((name) => !loaded.has(name));
    fs.writeFileSync(process.env.RECORD, JSON.stringify({ opened, builtins }));
  });
`;

describe("a program with the npm package in Node", () => {
  const emulator = createEmulator();
  let folder: TemporaryFolder;
  let project: URL;
  let issuer: string;
  let closeEmulator: () => Promise<void>;

  beforeAll(async () => {
    if (NEEDED.missing !== undefined) return;
    folder = await makeTemporaryFolder();
    project = pathToFileURL(`${folder.path}/`);
    const to = new URL("node_modules/@clerk/cli-auth/", project);
    await unpackPackage(pathToFileURL(readSetup()!.tarball), to);
    await Deno.writeTextFile(new URL("recorder.cjs", project), RECORDER);
    ({ issuer, close: closeEmulator } = await emulator.listen());
  });
  afterAll(async () => {
    if (NEEDED.missing !== undefined) return;
    await closeEmulator();
    await folder.remove();
  });

  for (const [name, { files, maxKilobytes }] of Object.entries(IMPORTS)) {
    itWith(
      NEEDED,
      `loads ${files} files for an import of ${name}, of at most ${maxKilobytes} kB`,
      async () => {
        const cost = await costOf(`import ${JSON.stringify(name)};`);
        assertEquals([cost.files, cost.builtins, cost.opened], [files, [], 0]);
        assertLessOrEqual(cost.maxKilobytes, maxKilobytes);
      },
    );
  }

  for (const [name, expected] of Object.entries(CALLS)) {
    itWith(NEEDED, `loads, opens and requests for ${name} what the table says`, async () => {
      const { accessToken, refreshToken } = await emulator.issueTokens();
      const { clientId } = emulator.application;
      const record = {
        accessToken,
        refreshToken,
        tokenType: "bearer",
        scope: "profile email offline_access",
        savedAt: Date.now(),
        expiresAt: name === "a refresh" ? 1_000 : Date.now() + 3_600_000,
        issuer,
        clientId,
      };
      const config = JSON.stringify({ clientId, issuer, storage: "file", ui: "none" });
      await costOf(`
        import { createCredentialStore } from "@clerk/cli-auth";
        const store = createCredentialStore("file", ${config});
        await store.set("tokens", ${JSON.stringify(JSON.stringify(record))});
      `);
      const call = name.startsWith("a login")
        ? `await new ClerkCliAuth({ ...${config}, openBrowser: (url) => console.log(url) }).login()`
        : `await new ClerkCliAuth(${config}).getAccessToken()`;
      emulator.requests.length = 0;
      const cost = await costOf(`import { ClerkCliAuth } from "@clerk/cli-auth"; ${call};`);
      assertEquals({ ...cost, maxKilobytes: expected.maxKilobytes }, expected);
      assertLessOrEqual(cost.maxKilobytes, expected.maxKilobytes);
    });
  }

  async function costOf(source: string): Promise<Cost> {
    const [program, record, coverage] = ["program.mjs", "record.json", "coverage/"].map((name) =>
      fileURLToPath(new URL(name, project))
    ) as [string, string, string];
    await Deno.writeTextFile(program, source);
    const child = new Deno.Command("node", {
      args: ["--require", fileURLToPath(new URL("recorder.cjs", project)), program],
      env: { NODE_V8_COVERAGE: coverage, RECORD: record, XDG_CONFIG_HOME: `${folder.path}/home` },
      stdout: "piped",
    }).spawn();
    for await (const url of child.stdout.pipeThrough(new TextDecoderStream())) {
      await createScriptedBrowser().signIn(url.trim());
    }
    assertEquals((await child.status).code, 0);
    const { opened, builtins } = JSON.parse(await Deno.readTextFile(record));
    const files = await loadedFiles(pathToFileURL(coverage));
    const sizes = await Promise.all(files.map(async (file) => (await Deno.stat(new URL(file))).size));
    return {
      files: files.length,
      maxKilobytes: sizes.reduce((sum, size) => sum + size, 0) / 1000,
      builtins: builtins.flatMap((name: string) => COSTLY.exec(name)?.[1] ?? []).sort(),
      opened,
      requests: emulator.requests.flatMap(({ endpoint = "" }) => BROWSED.includes(endpoint) ? [] : endpoint)
        .sort(),
    };
  }
});

/** The package's files with V8 coverage counts. */
async function loadedFiles(coverage: URL): Promise<string[]> {
  const found = new Set<string>();
  for await (const { name } of Deno.readDir(coverage)) {
    const { result }: { result: { url: string }[] } = JSON.parse(
      await Deno.readTextFile(new URL(name, coverage)),
    );
    for (const { url } of result) if (url.includes("/@clerk/cli-auth/")) found.add(url);
  }
  await Deno.remove(coverage, { recursive: true });
  return [...found];
}
