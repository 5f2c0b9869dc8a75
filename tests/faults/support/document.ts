import type { Table } from "./cell.ts";
import { describeFaults } from "./describe_faults.ts";
import { markdownTable } from "./markdown_table.ts";
import type { Rule } from "./rule.ts";
import type { ServerRule } from "./server_rule.ts";

/** The content of docs/faults.md. */
export interface Findings {
  client: Table;
  server: Readonly<Record<string, readonly ServerRule[]>>;
}

const INTRODUCTION = `# When things go wrong

The outcome of each step with each fault: the error's code, the exit code of the ready-made command, what is on disk
afterwards, and what the next command does once the fault is over. \`deno task faults\` writes this page from a table
that the suite checks on Deno, Node and Bun, with real connections, files and processes. One case is not checked on
Deno, because its TLS servers share their sessions: a TLS error while \`login()\` fetches the user info.

"Retryable" is the error's \`retryable\`: the same call may succeed later. A session marked as being refreshed is used
while its access token is valid; then its refresh token is tried once more. No fault leaves a temporary file behind.
[The faults](#the-faults) are explained at the end.`;

const GLOSSARY = `## The faults

- **connection refused**, **TLS error**: nothing listens on the port; the certificate is self-signed.
- **reset mid-headers**, **reset mid-body**: the connection breaks in the middle of the response.
- **stalled**, **slow drip**: no response comes; it comes byte by byte. \`requestTimeoutMs\` ends both.
- **wrong content type**, **huge body**, **invalid JSON**, **redirect**: an HTML page with status 200; more than a
  megabyte; half an object; a redirect elsewhere, which the client never follows.
- **status**: with an HTML page, or with an error body: OAuth's \`{"error": …}\` (\`invalid_grant\` at the token
  endpoint, \`invalid_token\` where a token is sent), Clerk's \`{"errors": […]}\` at its Backend API.
- **disk full**, **read-only directory**, **permission denied**: no file can grow; the directory of the credentials
  cannot be written; it cannot even be read.
- **killed**: while waiting for the response; the issuer has not seen the request, or has acted on it.
- **suspended**: while waiting, for longer than \`requestTimeoutMs\`; the response arrives meanwhile.
- **clock set**: a day ahead or back, during the request, or before a step that sends none.`;

const SERVER_INTRODUCTION = `## The backend

What \`handle()\` responds to a CLI when its calls to Clerk go wrong. A 401 means that the token is invalid, never that
a call failed: no CLI must mistake an outage for the end of its session. Once the fault is over, the next request gets
the identity.`;

const STORED_HEAD = ["fault", "result", "exit code", "stored afterwards", "next"];
const ANSWERED_HEAD = ["fault", "response", "`exit_code`"];

/** The page. */
export function faultsDocument({ client, server }: Findings): string {
  const steps = Object.entries(client).map(([step, rules]) =>
    `## ${step.replace(/^\w+\(\)/, "`$&`")}\n\n${clientTable(rules)}`
  );
  const kinds = Object.entries(server).map(([kind, rules]) => `### With ${kind}\n\n${serverTable(rules)}`);
  return `${[INTRODUCTION, ...steps, SERVER_INTRODUCTION, ...kinds, GLOSSARY].join("\n\n")}\n`;
}

function clientTable(rules: readonly Rule[]): string {
  const rows = rules.map(({ faults, outcome }) => [
    describeFaults(faults),
    outcome.result,
    `${outcome.exitCode}`,
    outcome.stored,
    outcome.next,
  ]);
  return markdownTable(STORED_HEAD, rows);
}

function serverTable(rules: readonly ServerRule[]): string {
  const rows = rules.map(({ faults, answered: { status, error, exitCode } }) => [
    describeFaults(faults),
    `${status} \`${error}\``,
    `${exitCode}`,
  ]);
  return markdownTable(ANSWERED_HEAD, rows);
}
