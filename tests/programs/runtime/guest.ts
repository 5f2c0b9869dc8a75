/**
 * A program that others start. Its first argument says what it does:
 *
 * - `args`: it writes the arguments after that, as JSON
 * - `keep`: it writes the arguments after the next one, as JSON, into the file that the next one names
 * - `env`: it writes the values of the variables in the arguments after that, as JSON
 * - `copy`: it copies its standard input, writes `warning` to standard error, and exits with 3
 * - `ignore`: it exits with 4, and reads nothing
 * - `terminate`: it ends itself by SIGTERM
 * - `obey`: it connects to the port in the next argument, and answers each line when it has done what that says: `say` to
 *   write `visible` to both outputs, `read` to read its standard input to the end, `multiply` to start another one that
 *   writes where it does, `exit CODE` to exit
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";

const [task = "", ...rest] = process.argv.slice(2);

switch (task) {
  case "args":
    console.log(JSON.stringify(rest));
    break;
  case "keep":
    writeFileSync(rest[0] ?? "", JSON.stringify(rest.slice(1)));
    break;
  case "env":
    console.log(JSON.stringify(rest.map((name) => process.env[name] ?? null)));
    break;
  case "copy":
    process.stdin.on("end", () => {
      process.stderr.write("warning");
      process.exitCode = 3;
    }).pipe(process.stdout);
    break;
  case "ignore":
    process.exit(4);
    break;
  case "terminate":
    process.kill(process.pid, "SIGTERM");
    break;
  case "obey":
    await obey(connect(Number(rest[0]), "127.0.0.1"));
}

async function obey(host: Socket): Promise<void> {
  host.write("here\n");
  for await (const line of createInterface(host)) {
    const [order, code] = line.split(" ");
    if (order === "exit") process.exit(Number(code));
    if (order === "say") {
      console.log("visible");
      console.error("visible");
    }
    if (order === "read") { for await (const _chunk of process.stdin); }
    if (order === "multiply") spawn(process.execPath, ownArguments(), { stdio: "inherit" });
    host.write("done\n");
  }
}

/** How this process was started. */
function ownArguments(): string[] {
  const [, script = "", ...args] = process.argv;
  return process.versions.deno ? ["run", "-A", "--no-check", script, ...args] : [script, ...args];
}
