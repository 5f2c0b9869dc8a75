import type { Tcp } from "../../doors/runtime.ts";

/** TCP that tells what goes on over it. */
export interface ObservedTcp {
  readonly tcp: Tcp;
  /** Resolves once a holder's answer was read, and its next word is waited for: the lock is. */
  readonly answered: Promise<void>;
}

/** Makes TCP that tells when somebody waits for the end of a connection that has brought something. */
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
