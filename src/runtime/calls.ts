/** How long a listener that closes lets answers go out, in milliseconds. */
export const CLOSING_MS = 100;

/** The promise's value, or `undefined` after a while. */
export async function withinMs<T>(promise: Promise<T>, durationMs: number): Promise<T | undefined> {
  let stop = () => {};
  const late = new Promise<undefined>((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    stop = () => clearTimeout(timer);
  });
  const value = await Promise.race([promise, late]);
  stop();
  return value;
}

/**
 * Runs a synchronous call as a promise. Small files are read and written synchronously because this is faster for a
 * process that does little else; the asynchronous signature keeps that a detail.
 */
export function promised<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}

/** Runs a call; where the file or folder does not exist, the answer is `absent`. */
export async function unlessAbsent<T, Absent>(
  call: () => T | Promise<T>,
  absent: Absent,
): Promise<T | Absent> {
  try {
    return await call();
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return absent;
    throw error;
  }
}
