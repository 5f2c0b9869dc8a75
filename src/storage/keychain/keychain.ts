import { parseJsonObject } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import { startDeadline, stopSignal, within } from "../../core/time.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { collectionState, type ItemName, readSecret } from "./secret_service.ts";

/** One item of the OS keychain. Calls time out, and none keeps the process alive. */
export interface KeychainItem {
  /**
   * Reads the secret; `null` if there is none, or if reading it takes a prompt that `mayPrompt` forbids.
   *
   * @throws {KeychainFailure} If the keychain is unavailable.
   */
  read(options: { mayPrompt: () => Promise<boolean> }): Promise<string | null>;
  /** Creates the item or replaces its secret. May prompt the user to unlock the keychain. */
  write(secret: string): Promise<void>;
}

/** Windows never prompts. Whether macOS will is not known in advance. */
export function keychainItem(runtime: Runtime, { service, username }: ItemName): KeychainItem {
  const { platform } = runtime;
  const read = async (mayPrompt: () => Promise<boolean>) => {
    const call: KeychainCall = { operation: "get", service, username };
    if (platform === "windows") return await callBinding(runtime, call);
    const answer = platform === "darwin" ? "unknown" : await readSecret(runtime, { service, username });
    if (typeof answer === "object") return answer.secret;
    if (answer === "unanswered") throw new KeychainFailure("unanswered");
    return await mayPrompt() ? await callThatMayPrompt(runtime, call, answer) : null;
  };
  return {
    read: ({ mayPrompt }) => shareReading(runtime, { service, username }, mayPrompt, read),
    async write(secret) {
      const call: KeychainCall = { operation: "set", service, username, secret };
      if (platform === "windows") return void await callBinding(runtime, call);
      const state = platform === "darwin" ? "unknown" : await collectionState(runtime);
      if (state === "unanswered") throw new KeychainFailure("unanswered");
      if (state === "open") await callBinding(runtime, call);
      else await callThatMayPrompt(runtime, call, state);
    },
  };
}

type Reading = Promise<string | null>;

const readings = new WeakMap<Runtime, Map<string, Reading>>();

/** Concurrent readers of a locked keychain share one prompt. */
async function shareReading(
  runtime: Runtime,
  { service, username }: ItemName,
  mayPrompt: () => Promise<boolean>,
  read: (mayPrompt: () => Promise<boolean>) => Reading,
): Reading {
  const ofRuntime = readings.get(runtime) ?? new Map<string, Reading>();
  readings.set(runtime, ofRuntime);
  const name = JSON.stringify([service, username]);
  for (let other = ofRuntime.get(name); other; other = ofRuntime.get(name)) {
    const secret = await other;
    // `null` may only mean that the other reader could not prompt.
    if (secret !== null || !await mayPrompt()) return secret;
  }
  const reading = read(mayPrompt).finally(() => ofRuntime.delete(name));
  ofRuntime.set(name, reading);
  return await reading;
}

async function callThatMayPrompt(
  runtime: Runtime,
  call: KeychainCall,
  refusal: "locked" | "unknown",
): Promise<string | null> {
  const answer = await callInChild(runtime, call);
  if (answer !== undefined) return answer.secret;
  if (refusal === "locked") throw new KeychainFailure("locked");
  return await callBinding(runtime, call);
}

type KeychainCall = ItemName & ({ operation: "get" } | { operation: "set"; secret: string });

/** Longer than the binding waits for any reply, except a user's. */
const DEADLINE_MS = 5_000;

/** Without a Secret Service the binding would use the kernel keyring, which a reboot clears. */
const ENTRY_OPTIONS = { linux: { store: "secret-service" } } as const;

/**
 * Calls the keychain in this process. A `get` returns the secret.
 *
 * @throws {KeychainFailure} If the keychain is unavailable.
 */
async function callBinding(runtime: Runtime, call: KeychainCall): Promise<string | null> {
  const { service, username } = call;
  const use = async () => {
    const { AsyncEntry } = await runtime.keyring.load();
    const entry = new AsyncEntry(service, username, ENTRY_OPTIONS);
    if (call.operation === "get") return { secret: await entry.getPassword() };
    await entry.setPassword(call.secret);
    return { secret: null };
  };
  const answer = await within(DEADLINE_MS, use(), startDeadline).catch((error) => {
    throw keychainFailure(error);
  });
  if (answer === undefined) throw new KeychainFailure("unanswered");
  return answer.secret;
}

/** How long a user at a terminal has to answer a prompt. */
const PERSON_DEADLINE_MS = 20_000;

/** How long a prompt stays open if nobody is known to be there. */
const NOBODY_DEADLINE_MS = 5_000;

/** How much later the child kills itself: the parent, which should have, may be gone. */
const CHILD_MARGIN_MS = 15_000;

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
 * Calls the keychain in a child process, which can be killed while its prompt is unanswered. In this process the call
 * would go on and keep it alive. A `get` returns the secret.
 *
 * @returns `undefined` if no child can run.
 * @throws {KeychainFailure} If the keychain is unavailable, or the user does not answer in time.
 */
async function callInChild(
  runtime: Runtime,
  call: KeychainCall,
): Promise<{ secret: string | null } | undefined> {
  const script = await runtime.keyring.scriptCommand(SCRIPT).catch((error) => {
    throw keychainFailure(error);
  });
  if (script === null) return undefined;
  const deadlineMs = runtime.terminal.isInteractive("stderr") ? PERSON_DEADLINE_MS : NOBODY_DEADLINE_MS;
  const timedOut = () => new KeychainFailure("unanswered");
  const stop = stopSignal({ timeoutMs: deadlineMs, timedOut, startTimer: startDeadline });
  try {
    const childDeadlineMs = deadlineMs + CHILD_MARGIN_MS;
    const stdin = JSON.stringify({ ...call, entryOptions: ENTRY_OPTIONS, deadlineMs: childDeadlineMs });
    const { stdout } = await runtime.programs.run(script.command, script.args, {
      stdin,
      signal: stop.signal,
    });
    return parseAnswer(stdout);
  } catch (error) {
    if (error instanceof KeychainFailure) throw error;
    return undefined;
  } finally {
    stop.release();
  }
}

function parseAnswer(text: string): { secret: string | null } {
  const { secret, failure } = parseJsonObject(text) ??
    { failure: "The process that called it returned nothing" };
  if (failure !== undefined) throw keychainFailure(new Error(String(failure)));
  return { secret: typeof secret === "string" ? secret : null };
}

/** Why the keychain is unavailable. `damaged`: its item is not one of ours. */
export type KeychainFailureReason = "locked" | "missing" | "unanswered" | "damaged" | "failed";

const DESCRIPTIONS: Record<KeychainFailureReason, { what: string; action: string; retryable?: boolean }> = {
  locked: {
    what: "The keychain is locked",
    action: "Unlock the keychain and try again",
    retryable: true,
  },
  missing: {
    what: "There is no keychain here",
    action:
      "Run this in a desktop session with a keychain (on Linux a Secret Service), or sign in again here",
  },
  unanswered: {
    what: "The keychain did not respond",
    action: "Answer the keychain's prompt, if there is one, and try again",
    retryable: true,
  },
  damaged: {
    what: "The keychain entry is not the key of the stored credentials",
    action: "Sign in again",
  },
  failed: {
    what: "The keychain failed",
    action: "Check the keychain and try again",
    retryable: true,
  },
};

/** A `keychain` error with its reason. */
export class KeychainFailure extends ClerkCliAuthError {
  readonly reason: KeychainFailureReason;

  constructor(reason: KeychainFailureReason, options: { detail?: string | undefined; cause?: unknown } = {}) {
    const { what, action, retryable = false } = DESCRIPTIONS[reason];
    const { detail, cause } = options;
    super("keychain", detail ? `${what}: ${detail}` : what, {
      action,
      retryable,
      ...(cause !== undefined && { cause }),
    });
    this.reason = reason;
  }
}

/** The binding's errors share one code. Only their texts differ. */
const TEXTS: readonly [RegExp, KeychainFailureReason][] = [
  [/prompt (was )?dismissed|is ?locked|object locked|user (cancel|interaction)/i, "locked"],
  [/did not receive a reply|no ?reply|timed? ?out/i, "unanswered"],
  [/DBUS_SESSION_BUS_ADDRESS|autolaunch|failed to connect to socket|no such file or directory/i, "missing"],
  [
    /not provided by any|service ?unknown|no result found|native binding|cannot find (module|package)/i,
    "missing",
  ],
];

/** Classifies an error of the binding. */
export function keychainFailure(cause: unknown): KeychainFailure {
  if (cause instanceof KeychainFailure) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  if ((cause as { code?: unknown } | null)?.code === "EACCES") {
    return new KeychainFailure("missing", { detail: text, cause });
  }
  if ((cause as { code?: unknown } | null)?.code === "UNTRUSTED") {
    return new KeychainFailure("failed", { detail: text, cause });
  }
  const [, reason] = TEXTS.find(([pattern]) => pattern.test(text)) ?? [undefined, "failed" as const];
  return new KeychainFailure(reason, { cause });
}
