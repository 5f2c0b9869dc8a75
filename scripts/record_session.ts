/**
 * Records a terminal session with the example CLI, for the README: every command runs in a pseudo-terminal, against an
 * emulator of Clerk and the example's backend. What differs from run to run is made the same. Writes docs/session.txt.
 *
 *     deno run -A --no-lock scripts/deno.ts run -A scripts/record_session.ts
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { cliAuth } from "@clerk/cli-auth/server";
import { createEmulator } from "@clerk/cli-auth/testing";
import { notesBackend } from "../examples/notes/backend.ts";
import { ROOT } from "./deno_config.ts";
import { CONFIG_FILE, currentRegistry } from "./registry.ts";

const COMMANDS = ["login", "add Buy milk", "add Read a book", "list", "status", "token", "logout", "list"];

const DENO = [Deno.execPath(), "run", "--quiet", "-A", "-c", path(CONFIG_FILE[currentRegistry()])];

if (import.meta.main) await Deno.writeTextFile(new URL("docs/session.txt", ROOT), await recordSession());

/** Runs the session and gives what the terminal showed. */
async function recordSession(): Promise<string> {
  const emulator = createEmulator();
  const { issuer, close } = await emulator.listen();
  const { clientId } = emulator.application;
  const { fetch } = notesBackend(cliAuth({
    clientConfig: { secretKey: emulator.secretKey, apiUrl: issuer, telemetry: { disabled: true } },
    clientIds: [clientId],
  }));
  const backend = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => fetch(request));
  const folder = await Deno.makeTempDir();
  const env = {
    NOTES_CLIENT_ID: clientId,
    NOTES_ISSUER: issuer,
    NOTES_API: `http://127.0.0.1:${backend.addr.port}`,
    XDG_CONFIG_HOME: folder,
    BROWSER: [...DENO, path("tests/programs/scripted_browser.ts"), "ada@example.com"].join(" "),
    NO_COLOR: "1",
    TERM: "dumb", // Nothing that is drawn over and over.
    SHELL: "/bin/sh",
  };
  let session = "";
  for (const command of COMMANDS) session += `$ notes ${command}\n${await runInTerminal(command, env)}\n`;
  await Promise.all([close(), backend.shutdown(), Deno.remove(folder, { recursive: true })]);
  return alike(session, { issuer, folder });
}

async function runInTerminal(command: string, env: Record<string, string>): Promise<string> {
  const line = [...DENO, path("examples/notes/main.ts"), ...command.split(" ")].map((word) => `'${word}'`)
    .join(" ");
  const { stdout } = await new Deno.Command("script", {
    args: ["-qec", line, "/dev/null"],
    env,
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout).replaceAll("\r\n", "\n").replace("^D\b\b", "");
}

/** Replaces what no two runs have in common. */
function alike(session: string, { issuer, folder }: { issuer: string; folder: string }): string {
  return session
    .replaceAll(/(\/oauth\/authorize\?)\S+/g, "$1…")
    .replaceAll(issuer, "https://clerk.example.com")
    .replaceAll(new URL(issuer).host, "clerk.example.com")
    .replaceAll(folder, "~/.config")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2026-01-02T03:04:05.678Z")
    .trimEnd() + "\n";
}

function path(file: string): string {
  return fileURLToPath(new URL(file, ROOT));
}
