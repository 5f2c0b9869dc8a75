/**
 * Resolves with the first wanted item of a list, now or once it is pushed.
 *
 * @param list A list that others push to, such as the requests of an emulator.
 */
export function untilPushed<T, Wanted extends T>(
  list: T[],
  isWanted: (item: T) => item is Wanted,
): Promise<Wanted>;
export function untilPushed<T>(list: T[], isWanted: (item: T) => boolean): Promise<T>;
export function untilPushed<T>(list: T[], isWanted: (item: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const { push } = list;
    const watched = (...items: T[]) => {
      const length = push.apply(list, items);
      look();
      return length;
    };
    const look = () => {
      const item = list.find(isWanted);
      if (item !== undefined) resolve(item);
    };
    Object.defineProperty(list, "push", { value: watched, configurable: true, writable: true });
    look();
  });
}
