const UNITS: readonly (readonly [unit: "day" | "hour" | "minute" | "second", ms: number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** When something is, in words: "in 23 hours", "5 minutes ago". */
export function timeText(at: number, now: number): string {
  const ms = at - now;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(ms) >= size) ?? ["second", 1000];
  return new Intl.RelativeTimeFormat("en").format(Math.trunc(ms / size), unit);
}
