const INTERVAL_MS = 1_000;

/**
 * Calls a function every second, for the first time after one: most tasks are done by then. Returns how to stop that;
 * when this resolves, no call is under way.
 */
export function startHeartbeat(beat: (counter: number) => Promise<void>): () => Promise<void> {
  let beating = Promise.resolve();
  let counter = 0;
  const timer = setInterval(() => {
    counter++;
    // A beat that fails (a full disk) must not end the task: at worst another host takes us for dead.
    beating = beating.then(() => beat(counter)).catch(() => {});
  }, INTERVAL_MS);
  return async () => {
    clearInterval(timer);
    await beating;
  };
}
