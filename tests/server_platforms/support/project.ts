import { spawn } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSetup } from "../../harness/setup.ts";
import { ended } from "./ended.ts";
import { examplePath } from "./example_path.ts";

/** A project of its own, as a person would make it. */
export interface Project {
  folder: string;
  remove(): Promise<void>;
}

/** What a project is made of. */
export interface ProjectOptions {
  /** Folders of `examples/deploy` that it gets. */
  examples?: string[];
  /** What is installed beside the packed package. */
  packages?: string[];
}

/** Makes a project that has the packed package installed. */
export async function createProject({ examples = [], packages = [] }: ProjectOptions): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "project-"));
  for (const example of examples) await cp(examplePath(example), join(folder, example), { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const install = [
    "install",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    readSetup()?.tarball ?? "",
    ...packages,
  ];
  const { code, text } = await ended(spawn("npm", install, { cwd: folder }));
  if (code !== 0) throw new Error(`npm install failed: ${text}`);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
