import process from "node:process";

/**
 * Says that this process is ready, and gives what it is to do whenever all of them are to begin, until there is no more;
 * `report()` says that it is done.
 */
export async function* eachStart(): AsyncGenerator<string> {
  process.stdout.write("ready\n");
  for await (const chunk of process.stdin) yield String(chunk).replace(/^begin /, "").trim();
}

/** Writes what became of it. */
export function report(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
