import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readSetup } from "../../harness/setup.ts";
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
  /** What is installed beside the package, of that which `deno task test` has installed. */
  packages?: string[];
  /** The folder of the package. @default that of the npm package */
  from?: string;
}

const OWN_NAME = "@clerk/cli-auth";

/** What every project has that installs the package. */
const OPTIONAL_DEPENDENCIES = ["@napi-rs/keyring"];

/** Makes a project that has the package installed: a copy, as a package finds others by where it is. */
export async function createProject(options: ProjectOptions): Promise<Project> {
  const { modules = "" } = readSetup() ?? {};
  const { examples = [], packages = [], from = join(modules, OWN_NAME) } = options;
  const folder = await mkdtemp(join(tmpdir(), "project-"));
  for (const example of examples) await cp(examplePath(example), join(folder, example), { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const installed = (name: string) => join(folder, "node_modules", name);
  await cp(from, installed(OWN_NAME), { recursive: true });
  for (const name of new Set([...OPTIONAL_DEPENDENCIES, ...packages])) {
    await mkdir(dirname(installed(name)), { recursive: true });
    await symlink(join(modules, name), installed(name), "junction");
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
