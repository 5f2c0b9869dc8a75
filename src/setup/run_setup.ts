import { type CommandLine, flagTable, parseCommandLine, UsageError } from "../commands/command_line.ts";
import type { AuthCommandFlag as Flag } from "../commands/descriptions.ts";
import { showProblem } from "../commands/problem.ts";
import { type CommandIo, createScreen, type ResolvedIo, resolveIo, type Screen } from "../commands/screen.ts";
import { ClerkCliAuthError, EXIT_CODE, isClerkCliAuthError } from "../core/errors.ts";
import type { Transport } from "../core/http.ts";
import { DEFAULT_SCOPES, parseHttpsUrl, trimTrailingSlashes } from "../core/issuer.ts";
import { printable } from "../core/text.ts";
import { loadRuntime } from "../runtime/load.ts";
import { createApplication, enableDeviceGrant, listApplications, unusable } from "./backend_api.ts";
import {
  creationParameters,
  hasDeviceGrant,
  isWanted,
  type OAuthApplication,
  readApplication,
  type WantedApplication,
} from "./oauth_application.ts";

/** Runs the setup with the arguments of the process, then exits. */
export async function runAsProgram(): Promise<never> {
  const runtime = await loadRuntime();
  return runtime.exit(await runSetup(runtime.args()));
}

/** The output of `setup --json`. */
export interface SetupReport {
  /** The client ID of the OAuth application. */
  clientId: string;
  /** The issuer. */
  issuer: string;
  /** Whether the application is new; otherwise it existed and matches exactly. */
  created: boolean;
}

const DEFAULT_API_URL = "https://api.clerk.com";

const FLAGS: readonly Flag[] = [
  { name: "name", value: "NAME", summary: "The name of your CLI, as people see it when they sign in" },
  { name: "scopes", value: "A,B", summary: `The scopes to allow (${DEFAULT_SCOPES.join(",")})` },
  { name: "device", summary: "Let people sign in with a code on any device, if Clerk offers that to you" },
  { name: "live", summary: "Use the key of a production instance without asking" },
  { name: "json", summary: "Write JSON" },
];

const USAGE = "Usage: setup --name NAME [--scopes A,B] [--device] [--live] [--json]";

/**
 * Creates the OAuth application of a CLI in a Clerk instance, or finds one that matches exactly, and prints
 * the code to paste. The secret key comes from `CLERK_SECRET_KEY` or a hidden prompt, never from the
 * arguments.
 *
 * @param args The arguments; a leading `setup` is skipped.
 * @param io The streams; those of the process by default.
 * @returns The exit code, one of `EXIT_CODE`.
 *
 * @example Show the help
 * ```ts
 * import { runSetup } from "@clerk/cli-auth/setup";
 *
 * console.log(await runSetup(["--help"])); // 0
 * ```
 *
 * @example Create the OAuth application in the instance of `CLERK_SECRET_KEY`
 * ```ts ignore
 * import { runSetup } from "@clerk/cli-auth/setup";
 *
 * Deno.exit(await runSetup(["--name", "Notes"]));
 * ```
 */
export async function runSetup(args: readonly string[], io: CommandIo = {}): Promise<number> {
  const runtime = await loadRuntime();
  const env = (name: string) => runtime.env(name);
  const streams = resolveIo(io, runtime);
  const screen = createScreen(streams, env);
  try {
    const line = parseCommandLine(args[0] === "setup" ? args.slice(1) : args, FLAGS);
    if (line.has("help")) {
      screen.data(`${USAGE}\n\n${flagTable(FLAGS)}`);
      return EXIT_CODE.SUCCESS;
    }
    await setUp(line, { io: streams, screen, env }, runtime.transport);
    return EXIT_CODE.SUCCESS;
  } catch (error) {
    return report(screen, error);
  }
}

async function setUp(line: CommandLine, source: KeySource, transport: Transport): Promise<void> {
  const wanted = wantedApplication(line);
  const url = trimTrailingSlashes(
    parseHttpsUrl(source.env("CLERK_API_URL") ?? DEFAULT_API_URL, "CLERK_API_URL").href,
  );
  const secretKey = await readSecretKey(source, { isLiveConfirmed: line.has("live") });
  const api = { transport, url, secretKey };
  const existing = (await listApplications(api, wanted.name)).find((found) => isWanted(found, wanted));
  const needsDevice = existing !== undefined && wanted.withDevice && !hasDeviceGrant(existing);
  if (needsDevice) await confirmChange(source, wanted.name);
  const found = needsDevice ? await enableDeviceGrant(api, String(existing.id)) : existing;
  const application = readApplication(found ?? await createApplication(api, creationParameters(wanted)));
  if (!application) throw unusable();
  const created = existing === undefined;
  if (line.has("json")) source.screen.json({ ...application, created } satisfies SetupReport);
  else show(source.screen, application, { created, wanted });
}

/** Asks before it changes an application that people may be using. */
async function confirmChange({ io: { stdin }, screen }: KeySource, name: string): Promise<void> {
  const what = `The OAuth application ${JSON.stringify(printable(name, 100))}`;
  if (!stdin.isTerminal) {
    throw new ClerkCliAuthError("config", `${what} exists without the device grant`, {
      action: "Run this at a terminal, which asks before it changes the application",
      exitCode: EXIT_CODE.GENERAL,
    });
  }
  screen.say(`${what} exists. Type "yes" to let people sign in to it with a code on any device:`);
  if ((await stdin.readLine())?.trim() === "yes") return;
  throw new ClerkCliAuthError("cancelled", "Nothing was changed", { exitCode: EXIT_CODE.GENERAL });
}

function wantedApplication(line: CommandLine): WantedApplication {
  const name = line.text("name");
  if (name === undefined) throw new UsageError('"--name" is missing');
  if (line.operands.length > 0) throw new UsageError('"setup" takes flags only');
  const withDevice = line.has("device");
  return { name, withDevice, scopes: line.text("scopes")?.split(/[\s,]+/).filter(Boolean) ?? DEFAULT_SCOPES };
}

function show(
  screen: Screen,
  { clientId, issuer }: OAuthApplication,
  { created, wanted }: { created: boolean; wanted: WantedApplication },
): void {
  const name = JSON.stringify(printable(wanted.name, 100));
  screen.done(
    `The OAuth application ${name} ${created ? "was created" : "already exists, with these settings"}.`,
  );
  screen.say("In your CLI:\n");
  screen.data(`const auth = new ClerkCliAuth({
  clientId: ${JSON.stringify(clientId)},
  issuer: ${JSON.stringify(issuer)},
  appName: ${name},
  scopes: [${wanted.scopes.map((scope) => JSON.stringify(scope)).join(", ")}],
});`);
  if (wanted.withDevice) {
    screen.say("\nGive the commands the option `device: true`, so that their help shows `login --device`.");
  }
  screen.say("\nIn the environment of your backend, beside CLERK_SECRET_KEY:\n");
  screen.data(`CLERK_OAUTH_CLIENT_ID=${clientId}`);
}

function report(screen: Screen, error: unknown): number {
  if (error instanceof UsageError) {
    screen.fail(`${error.message}.`);
    screen.say(USAGE);
    return EXIT_CODE.USAGE;
  }
  if (!isClerkCliAuthError(error)) throw error;
  showProblem(screen, error);
  return error.exitCode;
}

/** Where to get the secret key. */
export interface KeySource {
  io: ResolvedIo;
  screen: Screen;
  env: (name: string) => string | undefined;
}

const VARIABLE = "CLERK_SECRET_KEY";

/**
 * Reads the secret key from the environment or a hidden prompt. A production key needs confirmation.
 *
 * @throws {ClerkCliAuthError} `config` if there is no key or it is not a secret key, `cancelled` if not
 * confirmed.
 */
export async function readSecretKey(
  source: KeySource,
  { isLiveConfirmed }: { isLiveConfirmed: boolean },
): Promise<string> {
  const secretKey = source.env(VARIABLE)?.trim() || await askForKey(source);
  if (!/^sk_(?:test|live)_[\x21-\x7e]+$/.test(secretKey)) {
    throw new ClerkCliAuthError("config", "Not a Clerk secret key: expected sk_test_… or sk_live_…");
  }
  if (secretKey.startsWith("sk_live_") && !isLiveConfirmed) await confirmLive(source);
  return secretKey;
}

async function askForKey({ io: { stdin }, screen }: KeySource): Promise<string> {
  if (!stdin.isTerminal) {
    throw new ClerkCliAuthError("config", `There is no secret key: ${VARIABLE} is not set`, {
      action: `Set ${VARIABLE}; it is in Clerk's dashboard, under API keys`,
    });
  }
  screen.say("Paste the secret key of your Clerk instance (it stays hidden) and press Enter:");
  return (await stdin.readLine({ hidden: true }))?.trim() ?? "";
}

async function confirmLive({ io: { stdin }, screen }: KeySource): Promise<void> {
  screen.warn("This is the key of a production instance.");
  if (!stdin.isTerminal) {
    throw new ClerkCliAuthError("config", "Cannot ask you to confirm the production instance", {
      action: "Run it again with --live to confirm",
      exitCode: EXIT_CODE.GENERAL,
    });
  }
  screen.say('Type "yes" to create the OAuth application there:');
  if ((await stdin.readLine())?.trim() === "yes") return;
  throw new ClerkCliAuthError("cancelled", "Nothing was created", { exitCode: EXIT_CODE.GENERAL });
}
