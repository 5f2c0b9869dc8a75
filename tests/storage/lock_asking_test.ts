import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { encodeBase64Url } from "../doors/core.ts";
import type { Tcp, TcpConnection } from "../doors/runtime.ts";
import { answer, type Asked, askHolder, question } from "../doors/storage.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { advanceUntil } from "./support/advance_until.ts";

const CLAIM = { port: 4321, nonce: "nonce-of-the-holder", host: null };
/** What every challenge consists of. */
const RANDOM = new Uint8Array(32).fill(1);
const CHALLENGE = encodeBase64Url(RANDOM);
const ANSWER = await answer(CLAIM.nonce, CHALLENGE);
const ANSWER_OF_ANOTHER = await answer("nonce-of-another", CHALLENGE);
const ANSWER_TO_ANOTHER = await answer(CLAIM.nonce, "another");

/** Pauses before each further attempt. */
const PAUSES_MS = [1, 2, 5, 40];

/** What a read returns: a text, the end, an error, or silence until the connection is closed. */
type Heard = string | null | Error | typeof SILENCE;
const SILENCE = Symbol("silence");

/** One attempt to connect: an error, or a connection that returns these. */
type Attempt = Error | readonly Heard[];

/** A port on which one attempt after another follows a script. */
class ScriptedPort {
  readonly ports: number[] = [];
  readonly written: string[] = [];
  /** Resolves once a connection is silent. */
  readonly fellSilent: Promise<void>;
  /** Ends the connections from the holder's side. */
  hangUp = () => {};
  readonly #open = new Set<TcpConnection>();
  readonly #attempts: Attempt[];
  #fallSilent = () => {};

  constructor(...attempts: Attempt[]) {
    this.#attempts = attempts;
    this.fellSilent = new Promise((resolve) => this.#fallSilent = resolve);
  }

  get open(): number {
    return this.#open.size;
  }

  get tcp(): Tcp {
    return {
      connect: (port) => this.#connect(port),
      listen: () => Promise.reject(new Error("not asked for")),
    };
  }

  ask(options: { patienceMs?: number; signal?: AbortSignal } = {}): Promise<Asked> {
    return ask(this.tcp, { signal: new AbortController().signal, ...options });
  }

  /** Asks, and lets the pauses before further attempts pass. */
  async askPatiently(): Promise<Asked> {
    const asked = this.ask();
    await advanceUntil(clock, asked, ...PAUSES_MS);
    return await asked;
  }

  #connect(port: number): Promise<TcpConnection> {
    this.ports.push(port);
    const attempt = this.#attempts.shift() ?? systemError("EMFILE");
    if (attempt instanceof Error) return Promise.reject(attempt);
    const rest = [...attempt];
    let end = () => {};
    const ended = new Promise<null>((resolve) => end = () => resolve(null));
    this.hangUp = end;
    const connection: TcpConnection = {
      write: (text) => Promise.resolve(void this.written.push(text)),
      read: async () => {
        const next = rest.shift() ?? null;
        if (next instanceof Error) throw next;
        if (next !== SILENCE) return next;
        this.#fallSilent();
        return await ended;
      },
      close: () => {
        this.#open.delete(connection);
        end();
      },
    };
    this.#open.add(connection);
    return Promise.resolve(connection);
  }
}

function ask(tcp: Tcp, options: Parameters<typeof askHolder>[2]): Promise<Asked> {
  return askHolder({ tcp, randomBytes: () => RANDOM }, CLAIM, options);
}

let clock: FakeClock;
beforeEach(() => {
  clock = installFakeClock();
});
afterEach(() => clock.uninstall());

describe("askHolder()", () => {
  it("asks the holder at its port, and waits until its connection ends", async () => {
    const port = new ScriptedPort([ANSWER, SILENCE]);
    const asked = port.ask();
    await port.fellSilent;
    assertEquals([port.ports, port.written, port.open], [[CLAIM.port], [question(CHALLENGE)], 1]);
    port.hangUp();
    assertEquals([await asked, port.open], ["ended", 0]);
  });

  it("accepts an answer in pieces, and a connection that breaks after it as one that ends", async () => {
    assertEquals(await new ScriptedPort([...ANSWER, null]).ask(), "ended");
    assertEquals(await new ScriptedPort([ANSWER, systemError("ECONNRESET")]).ask(), "ended");
  });

  const others: Record<string, string> = {
    "another answer": "HTTP/1.1 400 Bad Request\r\n",
    "the answer of another holder": ANSWER_OF_ANOTHER,
    "the answer to another challenge": ANSWER_TO_ANOTHER,
    "more than the answer": `${ANSWER}x`,
    "the end of the answer": ANSWER.slice(5),
    "the question": question(CHALLENGE),
  };
  for (const [what, text] of Object.entries(others)) {
    it(`treats one that says ${what} as a stranger`, async () => {
      const port = new ScriptedPort([text, SILENCE]);
      assertEquals([await port.ask(), port.ports.length, port.open], ["dead", 1, 0]);
    });
  }

  it("returns dead at once if nobody listens", async () => {
    const port = new ScriptedPort(systemError("ECONNREFUSED"));
    assertEquals([await port.ask(), port.ports.length], ["dead", 1]);
  });

  it("does not know what other connection errors mean", async () => {
    for (const failure of [systemError("EMFILE"), systemError("EADDRNOTAVAIL"), new Error("no code")]) {
      const port = new ScriptedPort(failure);
      assertEquals([await port.ask(), port.ports.length], ["unclear", 1]);
    }
  });

  const wordless: Record<string, Attempt> = {
    "closes without an answer": [null],
    "closes within its answer": [ANSWER.slice(0, 8), null],
    "breaks the connection": [systemError("ECONNRESET")],
    "resets the connection as it is made": systemError("ECONNRESET"),
  };
  for (const [what, attempt] of Object.entries(wordless)) {
    it(`asks again if it ${what}, and hears the answer`, async () => {
      const port = new ScriptedPort(attempt, attempt, [ANSWER, null]);
      assertEquals([await port.askPatiently(), port.ports.length, port.open], ["ended", 3, 0]);
    });

    it(`returns closed if it ${what} four times`, async () => {
      const port = new ScriptedPort(attempt, attempt, attempt, attempt);
      assertEquals([await port.askPatiently(), port.ports.length, port.open], ["closed", 4, 0]);
    });
  }

  it("keeps reading if the question cannot be written", async () => {
    const port = new ScriptedPort([ANSWER, null]);
    const { connect } = port.tcp;
    const tcp: Tcp = {
      ...port.tcp,
      connect: async (...args) => ({
        ...await connect(...args),
        write: () => Promise.reject(systemError("EPIPE")),
      }),
    };
    assertEquals(await ask(tcp, { signal: new AbortController().signal }), "ended");
  });

  const unanswered: Record<string, Attempt> = {
    "nothing": [SILENCE],
    "part of an answer": [ANSWER.slice(0, 8), SILENCE],
  };
  for (const [what, attempt] of Object.entries(unanswered)) {
    it(`returns silent, and hangs up, if patience runs out after ${what} came`, async () => {
      const port = new ScriptedPort(attempt);
      const asked = port.ask({ patienceMs: 20 });
      await port.fellSilent;
      await clock.advance(19);
      assertEquals(port.open, 1);
      await clock.advance(1);
      assertEquals([await asked, port.open], ["silent", 0]);
    });
  }

  it("waits without limit once it has an answer", async () => {
    const port = new ScriptedPort([ANSWER, SILENCE]);
    const asked = port.ask({ patienceMs: 20 });
    await port.fellSilent;
    await clock.advance(60_000);
    port.hangUp();
    assertEquals(await asked, "ended");
  });

  it("asks nobody if the signal has already aborted", async () => {
    const port = new ScriptedPort([ANSWER, null]);
    const error = await assertRejects(
      () => port.ask({ signal: AbortSignal.abort(new Error("over")) }),
      Error,
    );
    assertEquals([error.message, port.ports], ["over", []]);
  });

  const waits: Record<string, Attempt> = {
    "the answer": [SILENCE],
    "the end": [ANSWER, SILENCE],
  };
  for (const [what, attempt] of Object.entries(waits)) {
    it(`ends its wait for ${what} with the signal's reason, and hangs up`, async () => {
      const port = new ScriptedPort(attempt);
      const stop = new AbortController();
      const asked = port.ask({ signal: stop.signal, patienceMs: 10_000 });
      const reason = new Error("over");
      await port.fellSilent;
      stop.abort(reason);
      assertStrictEquals(await assertRejects(() => asked), reason);
      assertEquals(port.open, 0);
    });
  }

  it("ends with the signal's reason, and hangs up, if the signal aborts during the connection", async () => {
    const port = new ScriptedPort([SILENCE]);
    const stop = new AbortController();
    const reason = new Error("over");
    const connect: Tcp["connect"] = (...args) => {
      stop.abort(reason);
      return port.tcp.connect(...args);
    };
    const asked = ask({ ...port.tcp, connect }, { signal: stop.signal });
    assertStrictEquals(await assertRejects(() => asked), reason);
    assertEquals(port.open, 0);
  });

  it("ends its pause before the next attempt with the signal's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("over");
    const port = new ScriptedPort([null], [null], [null], [null], [ANSWER, null]);
    const asked = port.ask({ signal: stop.signal });
    await clock.untilSet(PAUSES_MS[0]!);
    stop.abort(reason);
    assertStrictEquals(await assertRejects(() => asked), reason);
  });

  it("leaves no listener on the signal", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    };
    assertEquals(await new ScriptedPort([ANSWER, null]).ask({ signal, patienceMs: 1_000 }), "ended");
    assertEquals(listeners, 0);
  });
});
