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
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const unknown = given.map(([name]) => name).filter((name) => !Object.hasOwn(names, name));
  if (unknown.length === 0) return;
  throw misconfigured(
    `Unknown option '${unknown.join("', '")}' of ${of}: expected one of '${Object.keys(names).join("', '")}'`,
  );
}
