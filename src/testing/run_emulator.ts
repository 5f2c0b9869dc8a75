import type { OutputStream } from "../commands/screen.ts";
import { EXIT_CODE } from "../core/errors.ts";
import { createEmulator } from "./emulator.ts";
import { linesToPaste } from "./pages/pages.ts";

/** The part of `process` that the program uses. All three runtimes have it, and an adapter would load the keychain. */
interface Process {
  argv: readonly string[];
  stdout: OutputStream;
  stderr: OutputStream;
  once(signal: "SIGINT" | "SIGTERM", listener: () => void): void;
  exit(code: number): never;
}

const { process } = globalThis as unknown as { process: Process };

/** Runs the emulator with the arguments of the process, then exits. */
export async function runAsProgram(): Promise<never> {
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());
  return process.exit(await runEmulator(process.argv.slice(2), { signal: ending.signal }));
}

/** Options of {@linkcode runEmulator}. */
export interface RunEmulatorOptions {
  /**
   * Receives the lines to paste.
   * @default the standard output of the process
   */
  stdout?: OutputStream;
  /**
   * Receives everything else.
   * @default the standard error of the process
   */
  stderr?: OutputStream;
  /** Stops the emulator. */
  signal?: AbortSignal;
}

const DEFAULT_PORT = 8788;

const FLAGS = [
  { name: "port", value: "PORT", summary: `The port on 127.0.0.1; 0 for any free one (${DEFAULT_PORT})` },
  { name: "users", value: "A,B", summary: "Email addresses of users, besides ada@example.com" },
];

const USAGE = "Usage: emulator [--port PORT] [--users A,B]";

/**
 * Runs an emulator until `signal` aborts, and prints the lines to paste into a CLI and its backend's
 * environment. `npx @clerk/cli-auth emulator` and
 * `deno run --allow-net=127.0.0.1 jsr:@clerk/cli-auth/testing` call this.
 *
 * @param args The arguments; a leading `emulator` is skipped.
 * @param options The streams, and what stops the emulator.
 * @returns The exit code, one of `EXIT_CODE`.
 *
 * @example Show the help
 * ```ts
 * import { runEmulator } from "@clerk/cli-auth/testing";
 *
 * console.log(await runEmulator(["--help"])); // 0
 * ```
 */
export async function runEmulator(
  args: readonly string[],
  options: RunEmulatorOptions = {},
): Promise<number> {
  const { stdout = process.stdout, stderr = process.stderr, signal } = options;
  // Most programs that import the emulator do not run this.
  const { flagTable, parseCommandLine, UsageError } = await import("../commands/command_line.ts");
  try {
    const line = parseCommandLine(args[0] === "emulator" ? args.slice(1) : args, FLAGS);
    if (line.has("help")) {
      stdout.write(`${USAGE}\n\n${flagTable(FLAGS)}\n`);
      return EXIT_CODE.SUCCESS;
    }
    const portText = line.text("port") ?? `${DEFAULT_PORT}`;
    const port = Number(portText);
    if (!/^\d{1,5}$/.test(portText) || port > 65_535) {
      throw new UsageError('"--port" takes a number from 0 to 65535');
    }
    const emulator = createEmulator();
    const emails = line.text("users")?.split(",").map((email) => email.trim()).filter(Boolean) ?? [];
    for (const email of emails) emulator.createUser({ email });
    const { url, close } = await emulator.listen({ port }).catch((error) => {
      const reason = error.code === "EADDRINUSE" ? "is in use" : `cannot be listened on (${error.code})`;
      throw error.code ? new UsageError(`Port ${port} ${reason}: choose another with --port`) : error;
    });
    const { cli, backend } = linesToPaste(emulator);
    stderr.write(
      `The emulator of Clerk runs at ${url}. Open that page to see its users, applications and requests.\n`,
    );
    stderr.write("In your CLI:\n\n");
    stdout.write(`${cli}\n`);
    stderr.write("\nIn the environment of your backend:\n\n");
    stdout.write(`${backend}\n`);
    stderr.write("\nPress Ctrl-C to stop it: everything in it is then gone.\n");
    await aborted(signal);
    await close();
    return EXIT_CODE.SUCCESS;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`✗ ${error.message}.\n${USAGE}\n`);
    return EXIT_CODE.USAGE;
  }
}

async function aborted(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
}
