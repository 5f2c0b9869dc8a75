import type { TcpConnection } from "../../doors/runtime.ts";
import { answer } from "../../doors/storage.ts";

/** A connection to a holder, which answers and then lets go. */
export function answersAs(nonce: string): TcpConnection {
  let asked: string | undefined;
  return {
    write: (text) => Promise.resolve(void (asked = text)),
    read: async () => {
      const challenge = asked && /^GET \/(\S+)/.exec(asked)?.[1];
      asked = undefined;
      return challenge === undefined ? null : await answer(nonce, challenge);
    },
    close: () => {},
  };
}
