/**
 * Runs a synchronous call as a promise. Small files are read and written synchronously because this is faster for a
 * process that does little else; the asynchronous signature keeps that a detail.
 */
export function promised<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}

/** Runs a synchronous call as a promise; where the file or folder does not exist, the answer is `absent`. */
export function promisedUnlessAbsent<T, Absent>(call: () => T, absent: Absent): Promise<T | Absent> {
  return promised<T | Absent>(() => {
    try {
      return call();
    } catch (error) {
      if ((error as { code?: unknown }).code === "ENOENT") return absent;
      throw error;
    }
  });
}
