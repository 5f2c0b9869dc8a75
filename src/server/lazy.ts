/** A function whose result is made on its first call, and kept. */
export function lazy<T extends object>(create: () => T): () => T {
  let made: T | undefined;
  return () => made ??= create();
}
