import { fileURLToPath } from "node:url";
import { ROOT } from "../../../scripts/deno_config.ts";
import { emptyFolder } from "../../../scripts/folders.ts";
import { codeBlocksOf, readDocument } from "../../../scripts/markdown.ts";
import type { ProgramRuntime } from "../../harness/program.ts";
import { readSetup } from "../../harness/setup.ts";
import { createProject } from "../../server_platforms/support/project.ts";

/** The placeholders in the documents. */
export interface Placeholders {
  clientId: string;
  issuer: string;
  /** The origin of the backend. */
  api: string;
}

/** A project as a reader of a document creates it, without the reader's own values. */
export interface GuideProject {
  folder: string;
  /** The environment that its programs need. */
  env?: Record<string, string>;
  /**
   * Writes a file that a document shows.
   *
   * @returns The command that the reader starts it with.
   */
  write(document: string, file: string, placeholders: Placeholders): Promise<[string, ...string[]]>;
  remove(): Promise<void>;
}

/** Creates a project: on Deno next to the sources, on Node and Bun with the packed package installed. */
export async function createGuideProject(runtime: ProgramRuntime): Promise<GuideProject> {
  const { folder, remove } = runtime === "deno"
    ? await createDenoFolder()
    : await createProject({ packages: ["@clerk/backend", "@hono/node-server"] });
  return { ...guideProjectIn(folder, commandOn(runtime)), remove };
}

/** The same in a directory where the package is installed, for a command that runs a file. */
export function guideProjectIn(folder: string, command: [string, ...string[]]): Omit<GuideProject, "remove"> {
  return {
    folder,
    async write(document, file, placeholders) {
      const path = `${folder}/${file}`;
      await Deno.writeTextFile(path, fillIn(await codeOf(document, file), placeholders));
      return [...command, path];
    },
  };
}

/** The block of a document whose first line names a file. */
async function codeOf(document: string, file: string): Promise<string> {
  const block = codeBlocksOf(await readDocument(document)).find((block) => block.file === file);
  if (block === undefined) throw new Error(`${document} shows no '${file}'`);
  return block.code;
}

function fillIn(code: string, { clientId, issuer, api }: Placeholders): string {
  return code
    .replaceAll("your-client-id", clientId)
    .replaceAll("https://your-app.clerk.accounts.dev", issuer)
    .replaceAll("http://127.0.0.1:8788", issuer)
    .replaceAll("https://api.example.com", api);
}

function commandOn(runtime: ProgramRuntime): [string, ...string[]] {
  const setup = readSetup();
  if (setup === undefined) throw new Error("Nothing was prepared by 'deno task test'");
  if (runtime !== "deno") return [setup[runtime]];
  return [setup.deno, "run", "--quiet", "--no-lock", "-c", setup.denoConfig, "-A"];
}

async function createDenoFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = new URL(".build/guides/", ROOT);
  await emptyFolder(folder);
  return { folder: fileURLToPath(folder), remove: () => Deno.remove(folder, { recursive: true }) };
}
