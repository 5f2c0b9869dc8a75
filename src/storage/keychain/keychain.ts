import { parseJsonObject } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import { startDeadline, stopSignal, within } from "../../core/time.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { collectionState, type ItemName, readSecret } from "./secret_service.ts";

/** One item of the OS keychain. Every call has a deadline, and none keeps the process from ending. */
export interface KeychainItem {
  /**
   * The secret; `null` when there is none, and where a person would have to be asked but may not be.
   *
   * @param options `mayPrompt` tells whether the person may be asked to unlock the keychain.
   * @throws {KeychainFailure} If the keychain is unavailable.
   */
  read(options: { mayPrompt: () => Promise<boolean> }): Promise<string | null>;
  /** Creates the item, or replaces its secret. The person may be asked to unlock the keychain. */
  write(secret: string): Promise<void>;
}

/** An item of the keychain of this system. Windows never prompts; what macOS will do is not known before. */
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

/** Fifty callers at a locked keychain share one prompt. */
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
    // To one who may prompt, a reading that might not says nothing.
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

/** A call of the keychain. */
type KeychainCall = ItemName & ({ operation: "get" } | { operation: "set"; secret: string });

/** Longer than the binding waits for any answer but that of a person. */
const DEADLINE_MS = 5_000;

/** The kernel keyring, which the binding would take where there is no Secret Service, is gone after a reboot. */
const ENTRY_OPTIONS = { linux: { store: "secret-service" } } as const;

/**
 * Calls the keychain in this process; gives the secret, if one was asked for.
 *
 * @throws {KeychainFailure} If it is unavailable.
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

/** How long a person at a terminal has to answer the keychain's prompt, in milliseconds. */
const PERSON_DEADLINE_MS = 20_000;

/** How long a prompt stays where nobody is known to be, in milliseconds. */
const NOBODY_DEADLINE_MS = 5_000;

/** How much later the process that asks ends by itself, in milliseconds: its parent, which ends it, may be gone. */
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
 * Calls the keychain in a process of its own, which can be killed while its prompt is not answered: in this one the
 * call would go on, and keep it from ending.
 *
 * @returns The secret, if one was asked for; `undefined` where no such process can be started.
 * @throws {KeychainFailure} If the keychain is unavailable, or the person does not answer in time.
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
    { failure: "The process that called it gave no answer" };
  if (failure !== undefined) throw keychainFailure(new Error(String(failure)));
  return { secret: typeof secret === "string" ? secret : null };
}

/**
 * Why the keychain did not serve: it is locked, there is none, it does not answer, its item is not one of ours, or it
 * failed in a way of its own.
 */
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
    what: "The keychain does not answer",
    action: "Answer the keychain's prompt, if there is one, and try again",
    retryable: true,
  },
  damaged: {
    what: "The keychain holds something else than the key of the stored credentials",
    action: "Sign in again",
  },
  failed: {
    what: "The keychain failed",
    action: "Check the keychain and try again",
    retryable: true,
  },
};

/** A `keychain` error that tells why. */
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

/** The errors of the binding have one code: their texts tell them apart. */
const TEXTS: readonly [RegExp, KeychainFailureReason][] = [
  [/prompt (was )?dismissed|is ?locked|object locked|user (cancel|interaction)/i, "locked"],
  [/did not receive a reply|no ?reply|timed? ?out/i, "unanswered"],
  [/DBUS_SESSION_BUS_ADDRESS|autolaunch|failed to connect to socket|no such file or directory/i, "missing"],
  [
    /not provided by any|service ?unknown|no result found|native binding|cannot find (module|package)/i,
    "missing",
  ],
];

/** What a failed call of the binding means. */
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
