/** A deep copy of a JSON value that no one can change. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as T;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, frozen(member)])),
  ) as T;
}
