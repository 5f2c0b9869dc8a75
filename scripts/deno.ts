/**
 * Starts a Deno command with the configuration that fits the network: `deno.json` where JSR answers, its npm-only
 * twin `deno.npm.json` elsewhere.
 *
 *     deno run -A --no-lock scripts/deno.ts <command> <arguments…>
 *
 * It runs before the choice is made, so it must import nothing that the import map names.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import {
  chosenRegistry,
  CONFIG_FILE,
  jsrAnswers,
  PUBLIC_JSR_URL,
  type Registry,
  REGISTRY_VARIABLE,
} from "./registry.ts";

/** The last choice. If JSR does not answer, each command would wait for it for seconds. */
const LAST_CHOICE = new URL("../.build/registry.json", import.meta.url);
const REMEMBERED_MS = 60 * 60_000;

if (import.meta.main) Deno.exit(await launch(Deno.args));

async function launch([command, ...args]: string[]): Promise<number> {
  if (command === undefined) {
    console.error("Usage: deno run -A --no-lock scripts/deno.ts <command> <arguments…>");
    return 2;
  }
  const registry = chosenRegistry(Deno.env.get(REGISTRY_VARIABLE)) ?? await askForRegistry();
  const child = new Deno.Command(Deno.execPath(), {
    args: [command, ...configArguments(command, registry), ...args],
    env: { [REGISTRY_VARIABLE]: registry },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const stopForwarding = forwardSignals(child);
  const { code } = await child.status;
  stopForwarding();
  return code;
}

async function askForRegistry(): Promise<Registry> {
  const url = Deno.env.get("JSR_URL") || PUBLIC_JSR_URL;
  // Without it, or with half of it, JSR is asked again.
  const last = await Deno.readTextFile(LAST_CHOICE).then(JSON.parse).catch(() => {});
  const isRecent = last?.url === url && Date.now() - last.askedAt < REMEMBERED_MS;
  const registry: Registry = isRecent ? last.registry : await jsrAnswers(url) ? "jsr" : "npm";
  if (!isRecent) {
    await Deno.mkdir(new URL(".", LAST_CHOICE), { recursive: true });
    await Deno.writeTextFile(LAST_CHOICE, JSON.stringify({ url, registry, askedAt: Date.now() }));
  }
  console.error(
    registry === "jsr"
      ? "Using JSR (deno.json)"
      : `Using the npm registry alone (deno.npm.json): JSR did not answer at ${url}`,
  );
  return registry;
}

function configArguments(command: string, registry: Registry): string[] {
  const file = fileURLToPath(new URL(`../${CONFIG_FILE[registry]}`, import.meta.url));
  // `deno doc` knows no --config; every other command that resolves modules does.
  return command === "doc" ? ["--import-map", file] : ["-c", file];
}

/** A terminal sends Ctrl-C to the whole group; a supervisor sends SIGTERM to us alone. */
function forwardSignals(child: Deno.ChildProcess): () => void {
  const terminate = () => child.kill("SIGTERM");
  const ignore = () => {};
  Deno.addSignalListener("SIGINT", ignore);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", terminate);
  return () => {
    Deno.removeSignalListener("SIGINT", ignore);
    if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGTERM", terminate);
  };
}
