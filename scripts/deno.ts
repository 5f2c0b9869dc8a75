/**
 * Starts a Deno command with the configuration for this network: `deno.json` if JSR responds, otherwise its npm-only
 * twin `deno.npm.json`.
 *
 *     deno run -A --no-lock scripts/deno.ts <command> <arguments…>
 *
 * It runs before the choice is made, so it must import nothing from the import map.
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

/** The last choice. If JSR does not respond, each command would wait seconds for it. */
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
  // If it is missing or half-written, JSR is asked again.
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
      : `Using only the npm registry (deno.npm.json): JSR did not respond at ${url}`,
  );
  return registry;
}

function configArguments(command: string, registry: Registry): string[] {
  const file = fileURLToPath(new URL(`../${CONFIG_FILE[registry]}`, import.meta.url));
  // `deno doc` has no --config. Every other command that resolves modules does.
  return command === "doc" ? ["--import-map", file] : ["-c", file];
}

/** A terminal sends Ctrl-C to the whole group. A supervisor sends SIGTERM only to us. */
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
