/** Runs a task; `undefined` when it takes longer than stated. What it does then is no longer waited for. */
export async function withDeadline<T>(task: () => Promise<T>, deadlineMs: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), deadlineMs);
  });
  try {
    return await Promise.race([task(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
