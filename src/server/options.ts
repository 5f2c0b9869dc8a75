import { MAX_TIMER_MS } from "../core/time.ts";
import { misconfigured } from "./failures.ts";

/** The names of options; the types see to it that none is missing. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Refuses options that nothing would read: whoever misspells one that restricts access must not be left without.
 *
 * @param options The options; `undefined` counts as absent.
 * @param names Those that there are.
 * @param of What takes them.
 * @throws {ClerkCliAuthError} `config` if there is another one.
 */
export function assertKnownOptions(options: object, names: Readonly<Record<string, true>>, of: string): void {
  const isUnknown = (name: string) =>
    !Object.hasOwn(names, name) && options[name as keyof typeof options] !== undefined;
  const unknown = Object.keys(options).filter(isUnknown);
  if (unknown.length === 0) return;
  throw misconfigured(
    `Unknown option '${unknown.join("', '")}' of ${of}: expected one of '${Object.keys(names).join("', '")}'`,
  );
}

/**
 * Checks a duration.
 *
 * @throws {ClerkCliAuthError} `config` if it is not a positive number of milliseconds, or more than a timer accepts.
 */
export function assertDuration(value: unknown, name: string): void {
  if (typeof value === "number" && value > 0 && value <= MAX_TIMER_MS) return;
  throw misconfigured(
    `'${name}' must be a positive number of milliseconds, at most ${MAX_TIMER_MS}: got ${String(value)}`,
  );
}
