/** A function whose first successful result is kept; callers that come meanwhile share one attempt. */
export function shared<T>(create: () => Promise<T>): () => Promise<T> {
  let attempt: Promise<T> | undefined;
  return () =>
    attempt ??= create().catch((error: unknown) => {
      attempt = undefined;
      throw error;
    });
}
