import { readDenoConfig } from "../../scripts/deno_config.ts";
import type { Bench, Group, Topic } from "../bench.ts";
import { processLine } from "../processes.ts";
import { type BenchRuntime, ONE_LINE, OWN_NAME } from "../workspace.ts";

interface Import {
  label: string;
  packages: readonly string[];
  needsScripts?: boolean;
  every?: number;
}

const BEST_PEER: Import = { label: "oauth4webapi", packages: ["oauth4webapi"] };
const EMPTY: Import = { label: "an empty process", packages: [] };
const SMALLEST: Import = { label: "a package of one line", packages: [ONE_LINE] };
const PEERS: readonly Import[] = [
  { label: "openid-client", packages: ["openid-client"], every: 4 },
  { label: "jose", packages: ["jose"], every: 4 },
  { label: "@clerk/backend", packages: ["@clerk/backend"], every: 4 },
  { label: "MSAL", packages: ["@azure/msal-node"], every: 4 },
  {
    label: "MSAL with its extensions",
    packages: ["@azure/msal-node", "@azure/msal-node-extensions"],
    needsScripts: true,
    every: 4,
  },
];

/** What importing costs. */
export const imports: Topic = {
  name: "import",
  title: "Importing the client",
  about:
    "Whole processes that import a module and do nothing else, beside an empty process. A package of one line, which does " +
    "nothing, shows what the runtime takes to find and read any.",
  async prepare({ runtimes, sources, isBrief }: Bench): Promise<Group[]> {
    if (isBrief) return await Promise.all(runtimes.map((runtime) => groupOf(runtime, [BEST_PEER])));
    const entries = Object.keys((await readDenoConfig()).exports).filter((path) => path !== ".");
    const others = entries.map((path): Import => {
      const name = OWN_NAME + path.slice(1);
      return { label: name, packages: [name], every: 2 };
    });
    const all = [BEST_PEER, EMPTY, SMALLEST, ...others];
    return [
      ...await Promise.all(runtimes.map((runtime) => groupOf(runtime, [...all, ...PEERS]))),
      await groupOf(sources, all),
    ];
  },
};

async function groupOf(runtime: BenchRuntime, [first, ...rest]: readonly Import[]): Promise<Group> {
  const line = ({ packages, ...program }: Import) =>
    processLine(runtime, {
      ...program,
      source: packages.map((name) => `import ${JSON.stringify(name)};\n`).join(""),
    });
  return {
    label: `${runtime.label}: import of the client`,
    unit: "ms",
    own: await line({ label: OWN_NAME, packages: [OWN_NAME] }),
    others: [await line(first!), ...await Promise.all(rest.map(line))],
    goal: 1,
  };
}
