const systemTime = Date.now;

/** The time that it is, Unix time in milliseconds, whatever the clock of this process was set to. */
export function trueTime(): number {
  return systemTime();
}

/** Sets the clock of this process, by how much it is to be ahead, in milliseconds; 0 sets it right. */
export function setClock(aheadMs: number): void {
  Date.now = aheadMs === 0 ? systemTime : () => systemTime() + aheadMs;
}
