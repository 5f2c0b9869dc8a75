import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  ClerkCliAuthError,
  exchange,
  type ExchangeOptions,
  type HttpRequest,
  type HttpResponse,
  type Transport,
} from "../doors/core.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { type FakeClock, installFakeClock, LAST_MOMENT_MS } from "../harness/fake_clock.ts";

const REQUEST: HttpRequest = {
  method: "POST",
  url: "https://clerk.example.com/oauth/token",
  headers: {},
  body: "refresh_token=rt_marker",
};

const TIMEOUT_MS = 5_000;
/** The deadline of an exchange. */
const OVER_MS = TIMEOUT_MS + LAST_MOMENT_MS;

let clock: FakeClock;
beforeEach(() => {
  clock = installFakeClock();
});
afterEach(() => clock.uninstall());

function run(transport: Transport, options: Partial<ExchangeOptions> = {}) {
  return exchange(REQUEST, {
    transport,
    step: "token_exchange",
    endpointName: "The token endpoint",
    timeoutMs: TIMEOUT_MS,
    ...options,
  });
}

function response(body: HttpResponse["body"], status = 200): HttpResponse {
  return { status, headers: new Headers({ date: "today" }), body };
}

async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

/** Yields a byte each second, forever; `stopped` resolves when the reader has stopped. */
function drip() {
  let giveUp!: () => void;
  const stopped = new Promise<void>((resolve) => giveUp = resolve);
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        yield Uint8Array.of(32);
      }
    } finally {
      giveUp();
    }
  }
  return { stopped, body: body() };
}

describe("exchange() reads", () => {
  it("status, headers and the whole body", async () => {
    const answer = await run(() => Promise.resolve(response(bytes('{"a"', ": 1}"), 201)));
    assertEquals([answer.status, answer.headers.get("date"), answer.text], [201, "today", '{"a": 1}']);
  });

  it("a missing body as an empty text", async () => {
    assertEquals((await run(() => Promise.resolve(response(null)))).text, "");
  });

  it("a character split between two chunks", async () => {
    const fox = new TextEncoder().encode("🦊");
    async function* halves() {
      yield fox.slice(0, 2);
      yield fox.slice(2);
    }
    assertEquals((await run(() => Promise.resolve(response(halves())))).text, "🦊");
  });

  it("a body of a megabyte, but none larger", async () => {
    const kilobyte = " ".repeat(1024);
    const body = (kilobytes: number) => bytes(...Array.from({ length: kilobytes }, () => kilobyte));
    assertEquals((await run(() => Promise.resolve(response(body(1024))))).text.length, 1024 * 1024);
    const error = await caught(() => run(() => Promise.resolve(response(body(1025)))));
    assertEquals([error.code, error.status, error.retryable], ["token_exchange", 200, false]);
    assertEquals(error.message, "The token endpoint sent more than 1048576 bytes");
  });

  it("no more of an endless body than necessary", async () => {
    let chunks = 0;
    async function* endless() {
      for (;; chunks++) yield new Uint8Array(64 * 1024);
    }
    await caught(() => run(() => Promise.resolve(response(endless()))));
    assert(chunks <= 17, `${chunks} chunks`);
  });
});

describe("exchange() rejects redirects", () => {
  for (const status of [0, 300, 301, 302, 303, 307, 308, 399]) {
    it(`such as ${status}`, async () => {
      const error = await caught(() => run(() => Promise.resolve(response(bytes("moved"), status))));
      assertEquals([error.code, error.status, error.message], [
        "token_exchange",
        status,
        "The token endpoint responded with a redirect, which is not followed",
      ]);
    });
  }

  it("and no other status", async () => {
    for (const status of [200, 299, 400, 500]) {
      assertEquals((await run(() => Promise.resolve(response(bytes("text"), status)))).status, status);
    }
  });
});

describe("exchange() ends at its deadline", () => {
  async function assertTimesOut(transport: Transport) {
    const running = caught(() => run(transport));
    await clock.advance(OVER_MS);
    const error = await running;
    assertEquals([error.code, error.retryable], ["timeout", true]);
    assertEquals([error.message, error.action], [
      "The token endpoint did not respond within 5 seconds",
      "Check the network connection and try again",
    ]);
  }

  it("when no response comes, even if the transport ignores its signal", async () => {
    await assertTimesOut(() => never());
  });

  it("when the body stops, even if the transport ignores its signal", async () => {
    async function* stalled() {
      yield Uint8Array.of(32);
      await never();
    }
    await assertTimesOut(() => Promise.resolve(response(stalled())));
  });

  it("when the body drips", async () => {
    const { body } = drip();
    await assertTimesOut(() => Promise.resolve(response(body)));
  });

  it("and tells the transport", async () => {
    let heard: AbortSignal | undefined;
    await assertTimesOut((_, signal) => {
      heard = signal;
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    assert(heard?.aborted);
  });

  it("and not before, however long it is", async () => {
    const late: Transport = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 2));
      return response(null);
    };
    for (const timeoutMs of [2 ** 31, 1e12, Infinity]) {
      const answer = run(late, { timeoutMs });
      await clock.advance(2 ** 31 - 2);
      assertEquals((await answer).status, 200);
    }
  });
});

describe("exchange() is aborted", () => {
  it("at once by a signal that has already aborted, without a request", async () => {
    let requests = 0;
    const transport: Transport = () => {
      requests++;
      return never();
    };
    const error = await caught(() => run(transport, { signal: AbortSignal.abort() }));
    assertEquals([error.code, error.exitCode, requests], ["cancelled", 130, 0]);
  });

  it("by a signal, while no response comes", async () => {
    const controller = new AbortController();
    const running = caught(() => run(() => never(), { signal: controller.signal }));
    controller.abort("enough");
    const error = await running;
    assertEquals([error.code, error.cause], ["cancelled", "enough"]);
  });

  it("by a signal, while the body drips", async () => {
    const controller = new AbortController();
    const { body } = drip();
    const running = caught(() => run(() => Promise.resolve(response(body)), { signal: controller.signal }));
    await clock.advance(2_000);
    controller.abort();
    assertEquals((await running).code, "cancelled");
  });

  it("with the signal's reason if that is one of our errors", async () => {
    const reason = new ClerkCliAuthError("cancelled", "The login was cancelled");
    const error = await caught(() => run(() => never(), { signal: AbortSignal.abort(reason) }));
    assertStrictEquals(error, reason);
  });
});

describe("exchange() leaves nothing behind", () => {
  it("on the caller's signal", async () => {
    const { signal } = new AbortController();
    const listeners = countListeners(signal);
    for (let i = 0; i < 5; i++) await run(() => Promise.resolve(response(null)), { signal });
    await caught(() => run(() => Promise.reject(new Error("no")), { signal }));
    assertEquals(listeners.count, 0);
  });

  it("of a body that it did not read to the end", async () => {
    const { stopped, body } = drip();
    const running = caught(() => run(() => Promise.resolve(response(body))));
    await clock.advance(OVER_MS);
    await running;
    await clock.advance(1_000);
    await stopped;
    assertEquals(clock.pending, []);
  });

  it("as an unhandled rejection, when the transport fails after the deadline", async () => {
    const transport: Transport = () =>
      new Promise((_, reject) => setTimeout(() => reject(new Error("late")), OVER_MS + 1));
    const running = caught(() => run(transport));
    await clock.advance(OVER_MS);
    assertEquals((await running).code, "timeout");
    await clock.advance(1); // An unhandled rejection fails the test.
  });
});

describe("exchange() fails with the code of its step", () => {
  it("when the host cannot be reached, which is retryable", async () => {
    const cause = new TypeError("connection refused");
    const error = await caught(() => run(() => Promise.reject(cause), { step: "revoke" }));
    assertEquals([error.code, error.retryable], ["revoke", true]);
    assertStrictEquals(error.cause, cause);
    assert(error.message.includes("clerk.example.com"));
  });

  it("when the connection breaks in the body", async () => {
    async function* broken() {
      yield Uint8Array.of(32);
      throw new Error("reset");
    }
    const error = await caught(() => run(() => Promise.resolve(response(broken()))));
    assertEquals([error.code, error.retryable], ["token_exchange", true]);
  });

  it("and says which host, and what to do", async () => {
    const { message, action } = await caught(() => run(() => Promise.reject(new Error("down"))));
    assertEquals([message, action], [
      "The token endpoint at clerk.example.com could not be reached",
      "Check the network connection and try again",
    ]);
  });

  it("when the transport throws at once", async () => {
    const transport: Transport = () => {
      throw new Error("not today");
    };
    assertEquals((await caught(() => run(transport))).code, "token_exchange");
  });

  it("and never repeats what was sent", async () => {
    for (const transport of [() => Promise.reject(new Error("no")), () => never()] as Transport[]) {
      const running = caught(() => run(transport));
      await clock.advance(OVER_MS);
      assertFalse(everythingSaidBy(await running).includes("marker"));
    }
  });
});

/** Counts the listeners of a signal. */
function countListeners(signal: AbortSignal): { count: number } {
  const listeners = { count: 0 };
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners.count++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners.count--;
    removeEventListener.apply(signal, args);
  };
  return listeners;
}
