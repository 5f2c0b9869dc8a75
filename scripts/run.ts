/** Options of {@linkcode run}. */
export interface RunOptions {
  cwd?: string | URL;
  env?: Record<string, string>;
}

/**
 * Runs a program to its end and returns its standard output. Throws if it fails, with all its output in the message.
 */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const program = isScriptOnWindows(command) ? `${command}.cmd` : command;
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null", ...options })
    .output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with exit code ${code}\n${out}${err}`);
  return out ?? "";
}

/** Windows finds a program by its name alone, but a script only with its extension. */
function isScriptOnWindows(command: string): boolean {
  return Deno.build.os === "windows" && (command === "npm" || command === "npx");
}
