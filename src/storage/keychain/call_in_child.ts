import { parseJsonObject } from "../../core/json.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { ENTRY_OPTIONS, type KeychainCall } from "./call_binding.ts";
import { KeychainFailure, keychainFailure } from "./keychain_failure.ts";

/** How long a person at a terminal has to answer the keychain's prompt, in milliseconds. */
const PERSON_DEADLINE_MS = 20_000;

/** How long a prompt stays where nobody is known to be, in milliseconds. */
const NOBODY_DEADLINE_MS = 5_000;

/** It ends by itself at its deadline: its parent may be gone by then. */
const SCRIPT = `
let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => input += text);
process.stdin.on("end", async () => {
  const { service, username, operation, secret, entryOptions, deadlineMs } = JSON.parse(input);
  setTimeout(() => process.kill(process.pid, "SIGKILL"), deadlineMs);
  const answer = { secret: null };
  try {
    const { AsyncEntry } = await loadKeyring();
    const entry = new AsyncEntry(service, username, entryOptions);
    if (operation === "get") answer.secret = await entry.getPassword();
    else await entry.setPassword(secret);
  } catch (error) {
    answer.failure = error instanceof Error ? error.message : String(error);
  }
  process.stdout.write(JSON.stringify(answer), () => process.exit());
});
`;

/**
 * Calls the keychain in a process of its own, which can be killed while its prompt is not answered: in this one the
 * call would go on, and keep it from ending.
 *
 * @returns The secret, if one was asked for; `undefined` where no such process can be started.
 * @throws {KeychainFailure} When the keychain does not serve, or the person does not answer in time.
 */
export async function callInChild(
  runtime: Runtime,
  call: KeychainCall,
): Promise<{ secret: string | null } | undefined> {
  const script = await runtime.keyring.scriptCommand(SCRIPT);
  if (script === null) return undefined;
  const deadlineMs = runtime.terminal.isInteractive("stderr") ? PERSON_DEADLINE_MS : NOBODY_DEADLINE_MS;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new KeychainFailure("unanswered")), deadlineMs);
  try {
    const stdin = JSON.stringify({ ...call, entryOptions: ENTRY_OPTIONS, deadlineMs });
    const { stdout } = await runtime.programs.run(script.command, script.args, {
      stdin,
      signal: stop.signal,
    });
    return parseAnswer(stdout);
  } catch (error) {
    if (error instanceof KeychainFailure) throw error;
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function parseAnswer(text: string): { secret: string | null } {
  const { secret, failure } = parseJsonObject(text) ??
    { failure: "The process that called it gave no answer" };
  if (failure !== undefined) throw keychainFailure(new Error(String(failure)));
  return { secret: typeof secret === "string" ? secret : null };
}
