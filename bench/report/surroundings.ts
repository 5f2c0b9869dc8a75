import { cpus, type as systemType } from "node:os";
import { run } from "../../scripts/run.ts";
import type { Bench } from "../bench.ts";
import { PEER_PACKAGES } from "../measure/packages.ts";
import type { Surroundings } from "./summary.ts";

const FLAVOR_FILE = "/etc/os-release";

/** The machine and the versions that are measured. */
export async function surroundings({ isQuick, runtimes }: Bench): Promise<Surroundings> {
  const versions: Record<string, string> = {};
  for (const { family, start: [command] } of runtimes) {
    const version = family === "deno" ? Deno.version.deno : await run(command, ["--version"]);
    versions[family[0]!.toUpperCase() + family.slice(1)] = version.trim().replace(/^v/, "");
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores, ${await systemName()}`,
    versions: { ...versions, ...PEER_PACKAGES },
    isQuick,
  };
}

async function systemName(): Promise<string> {
  const release = await Deno.readTextFile(FLAVOR_FILE).catch(() => "");
  return /^PRETTY_NAME="(.+)"$/m.exec(release)?.[1] ?? systemType();
}
