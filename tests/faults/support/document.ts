import type { Table } from "./cell.ts";
import { describeFaults } from "./describe_faults.ts";
import { markdownTable } from "./markdown_table.ts";
import type { Rule } from "./rule.ts";
import type { ServerRule } from "./server_rule.ts";

/** What is to be read in docs/faults.md. */
export interface Findings {
  client: Table;
  server: Readonly<Record<string, readonly ServerRule[]>>;
}

const INTRODUCTION = `# When things go wrong

What every step comes to with every fault: the error's code, the exit code of the ready command, what is on disk
afterwards, and what the next command finds once the fault is over. \`deno task faults\` writes this page after it has
tried all of it, with real connections, files and processes; the suite tries it on Deno, Node and Bun.

"Retryable" is the error's \`retryable\`: the same call may succeed later. A session that is marked as being refreshed
is used as long as its access token is valid; then its refresh token is tried once more. No fault leaves a temporary
file behind. [The faults](#the-faults) are explained at the end.`;

const GLOSSARY = `## The faults

- **connection refused**, **TLS error**: nobody listens; a certificate that nobody has signed.
- **reset mid-headers**, **reset mid-body**: the connection ends in the middle of the answer.
- **stalled**, **slow drip**: no answer comes; one comes byte by byte. \`requestTimeoutMs\` ends both.
- **wrong content type**, **huge body**, **invalid JSON**, **redirect**: a page of HTML with status 200; more than a
  megabyte; half an object; an answer that leads elsewhere, which the client never follows.
- **status**: with a page of HTML, or with an error body: OAuth's \`{"error": …}\` (\`invalid_grant\` at the token
  endpoint, \`invalid_token\` where a token is shown), Clerk's \`{"errors": […]}\` at its Backend API.
- **disk full**, **read-only folder**, **permission denied**: no file can grow; the folder of the credentials may not be
  written to; or not even read.
- **killed**: while it waits for the answer; the issuer has not seen the request, or has acted on it.
- **suspended**: while it waits, for longer than \`requestTimeoutMs\`; the answer comes meanwhile.
- **clock set**: a day ahead or back, while the request is under way, or before where there is none.`;

const SERVER_INTRODUCTION = `## The backend

What \`handle()\` answers a CLI when something is wrong between it and Clerk. A 401 is for what Clerk says of the token,
and for nothing else: no CLI shall take an outage for the end of its session. The next request, once the fault is over,
is answered with the identity.`;

const STORED_HEAD = ["what goes wrong", "the command", "exit code", "stored afterwards", "next"];
const ANSWERED_HEAD = ["what goes wrong", "the answer", "`exit_code`"];

/** The page. */
export function faultsDocument({ client, server }: Findings): string {
  const steps = Object.entries(client).map(([step, rules]) =>
    `## ${step.replace(/^\w+\(\)/, "`$&`")}\n\n${clientTable(rules)}`
  );
  const kinds = Object.entries(server).map(([kind, rules]) =>
    `### Asked with ${kind}\n\n${serverTable(rules)}`
  );
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
