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
