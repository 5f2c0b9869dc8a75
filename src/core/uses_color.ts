/**
 * Whether text may carry escape sequences: on a terminal that understands them, unless `NO_COLOR` is set
 * (https://no-color.org). `FORCE_COLOR` (https://force-color.org) decides where it is set, also against both.
 */
export function usesColor(env: (name: string) => string | undefined, isTerminal: boolean): boolean {
  const forced = env("FORCE_COLOR");
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal && env("NO_COLOR") === undefined && env("TERM") !== "dumb";
}
