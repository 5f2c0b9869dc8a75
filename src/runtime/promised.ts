/**
 * Runs a synchronous call as a promise. Small files are read and written synchronously because this is faster for a
 * process that does little else; the asynchronous signature keeps that a detail.
 */
export function promised<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}
