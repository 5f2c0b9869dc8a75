/** How a program ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Where a program runs; a variable that is `undefined` is removed. */
export interface Surroundings {
  cwd: string;
  env: Record<string, string | undefined>;
}

/** Runs a program to its end, with empty standard input. */
export async function runToEnd(command: readonly string[], surroundings: Surroundings): Promise<Ended> {
  const { code, stdout, stderr } = await create(command, surroundings).output();
  const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out, stderr: err };
}

/** A program that keeps running. */
export interface Running {
  /** What it had written to standard output at the match. */
  output: string;
  stop(): Promise<void>;
}

/** Starts a program, and waits until its standard output matches. */
export async function startUntil(
  command: readonly string[],
  { pattern, ...surroundings }: Surroundings & { pattern: RegExp },
): Promise<Running> {
  const child = create(command, surroundings).spawn();
  let output = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!pattern.test(output)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${command.join(" ")} ended before it wrote ${pattern}: ${output}`);
    output += value;
  }
  return {
    output,
    async stop() {
      child.kill();
      await reader.cancel();
      await child.status;
    },
  };
}

function create([program = "", ...args]: readonly string[], { cwd, env }: Surroundings): Deno.Command {
  const all = Object.entries({ ...Deno.env.toObject(), ...env });
  const given = all.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Deno.Command(program, {
    args,
    cwd,
    env: Object.fromEntries(given),
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}
