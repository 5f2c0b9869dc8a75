import { installPackages } from "../../scripts/install_packages.ts";
import type { Bench, Group, Line, Topic, Unit } from "../bench.ts";
import { OWN_NAME, PEERS } from "../measure/packages.ts";

interface Installed {
  packages: number;
  files: number;
  bytes: number;
}

/** What an installation leaves on the disk. */
export const install: Topic = {
  name: "install",
  title: "Installation",
  about:
    "What `npm install` leaves in `node_modules`, of each package in a folder of its own. This package comes with " +
    "`@napi-rs/keyring` and its binary; a backend adds `@clerk/backend`. MSAL keeps tokens by its extensions alone, " +
    "which count here without what the script of `keytar` fetches from GitHub or builds.",
  async measure({ workspace }: Bench): Promise<Group[]> {
    const own = { label: OWN_NAME, packages: { [OWN_NAME]: `file:${workspace.tarball}` } };
    const found = new Map<string, Installed>();
    for (const { label, packages } of [own, ...PEERS]) {
      const folder = new URL(`install/${label.replaceAll(/\W+/g, "_")}/`, workspace.folder);
      await installPackages(folder, packages, { runsScripts: false });
      found.set(label, await look(new URL("node_modules/", folder)));
    }
    return [
      group(found, { label: "Size", unit: "MB", goal: "≤ 4 MB", pick: ({ bytes }) => bytes / 1e6 }),
      group(found, { label: "Packages", unit: "packages", goal: "≤ 3", pick: ({ packages }) => packages }),
      group(found, { label: "Files", unit: "files", pick: ({ files }) => files }),
    ];
  },
};

interface Column {
  label: string;
  unit: Unit;
  goal?: string;
  pick: (installed: Installed) => number;
}

function group(found: Map<string, Installed>, { pick, ...column }: Column): Group {
  const lines = [...found].map(([label, installed]): Line => ({
    label,
    role: label === OWN_NAME ? "own" : "peer",
    samples: [pick(installed)],
  }));
  return { ...column, lines };
}

async function look(folder: URL): Promise<Installed> {
  const total: Installed = { packages: 0, files: 0, bytes: 0 };
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    const inside = isDirectory ? await look(new URL(`${encodeURIComponent(name)}/`, folder)) : undefined;
    total.packages += inside?.packages ?? 0;
    total.files += inside?.files ?? 0;
    total.bytes += inside?.bytes ?? 0;
    if (!isFile) continue;
    total.files++;
    total.bytes += (await Deno.stat(new URL(encodeURIComponent(name), folder))).size;
    if (name === "package.json" && isPackageRoot(folder)) total.packages++;
  }
  return total;
}

/** A folder right below `node_modules`, or below a scope there; packages hold other files of that name too. */
function isPackageRoot({ pathname }: URL): boolean {
  return /\/node_modules\/(@[^/]+\/|%40[^/]+\/)?[^/@]+\/$/.test(pathname);
}
