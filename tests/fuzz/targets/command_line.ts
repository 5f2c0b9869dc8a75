import fc from "npm:fast-check@4.10.2";
import { ClerkCliAuth } from "../../doors/client.ts";
import { runAuthCommand } from "../../doors/commands.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { assertSilent, demand, SECRETS } from "../support/promises.ts";
import { anyText } from "../support/texts.ts";

const WORDS = [
  ...["login", "logout", "whoami", "status", "token", "profiles", "help", "list", "use", "remove"],
  ...[
    "--help",
    "-h",
    "--json",
    "--profile",
    "--profile=work",
    "--all",
    "--paste",
    "--browser",
    "--with-token",
  ],
  ...[
    "--scopes",
    "--scopes=email",
    "--no-revoke",
    "--",
    "-",
    "-x",
    "--__proto__=1",
    "--constructor",
    "work",
    "../x",
  ],
];
const commandLines = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...WORDS) }, anyText), {
  maxLength: 6,
});

const RECORD = JSON.stringify({
  accessToken: SECRETS.accessToken,
  refreshToken: SECRETS.refreshToken,
  expiresAt: 4_000_000_000_000,
  issuer: "https://clerk.example.com",
  clientId: "client",
});

/** The arguments of a program: an exit code, and no stored secret except from `token`. */
export const commandLine: FuzzTarget = fuzzTarget("command_line", commandLines, async (args) => {
  const written = { stdout: "", stderr: "" };
  const output = (stream: keyof typeof written) => ({
    write: (text: string) => void (written[stream] += text),
  });
  const code = await runAuthCommand(offlineClient(), args, {
    name: "notes",
    stdin: { readLine: () => Promise.resolve(null) },
    stdout: output("stdout"),
    stderr: output("stderr"),
  });
  demand([0, 1, 2, 130].includes(code), `the exit code ${code}`);
  // deno-lint-ignore no-control-regex -- control characters are what must not be there
  demand(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(written.stderr), "control characters");
  assertSilent(written.stderr);
  if (args[0] !== "token") assertSilent(written.stdout);
});

/** Someone is signed in, and nothing can be reached: no command line changes a file or opens a browser. */
function offlineClient(): ClerkCliAuth {
  return new ClerkCliAuth({
    issuer: "https://clerk.example.com",
    clientId: "client",
    ui: "none",
    storage: { get: () => RECORD, set: () => {}, delete: () => {} },
    openBrowser: () => false,
    loginTimeoutMs: 1,
    fetch: () => Promise.reject(new TypeError("no network here")),
  });
}
