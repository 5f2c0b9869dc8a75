import type { Tcp } from "../../doors/runtime.ts";

/** TCP that reports what happens on it. */
export interface ObservedTcp {
  readonly tcp: Tcp;
  /** Resolves once a holder's answer was read and the end of its connection, and thus the lock, is awaited. */
  readonly answered: Promise<void>;
}

/** Creates TCP that reports when someone waits for the end of a connection that has brought something. */
export function observeTcp(real: Tcp): ObservedTcp {
  let tell = () => {};
  const answered = new Promise<void>((resolve) => tell = resolve);
  const connect: Tcp["connect"] = async (...args) => {
    const connection = await real.connect(...args);
    let isAnswered = false;
    return {
      write: (text) => connection.write(text),
      close: () => connection.close(),
      async read() {
        if (isAnswered) tell();
        const text = await connection.read();
        isAnswered = text !== null;
        return text;
      },
    };
  };
  return { tcp: { ...real, connect }, answered };
}
