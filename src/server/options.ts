import { MAX_TIMER_MS } from "../core/time.ts";
import { misconfigured } from "./failures.ts";

/** The names of all options. The type makes sure that none is missing. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text;

/** The names listed in a text. */
export function optionNames<const Text extends string>(text: Text): Readonly<Record<Words<Text>, true>> {
  return Object.fromEntries(text.split(" ").map((name) => [name, true])) as Record<Words<Text>, true>;
}

/**
 * Rejects unknown options: a misspelled restriction must not be ignored.
 *
 * @param options The options; `undefined` counts as absent.
 * @param names The known names.
 * @param of The function or option that takes them.
 * @throws {ClerkCliAuthError} `config` if one is unknown.
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

/** Checks a duration. Throws `config`. */
export function assertDuration(value: unknown, name: string): void {
  if (typeof value === "number" && value > 0 && value <= MAX_TIMER_MS) return;
  throw misconfigured(
    `'${name}' must be a positive number of milliseconds, at most ${MAX_TIMER_MS}: got ${String(value)}`,
  );
}
