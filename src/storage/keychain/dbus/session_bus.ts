import type { LocalSocket } from "../../../runtime/local_socket.ts";
import { decodeMessage, encodeCall, type Message, type MethodCall } from "./message.ts";
import type { Unmarshalled } from "./unmarshalled.ts";

/** The bus knows the user by the socket, so no identity is sent (D-Bus specification, "Authentication Protocol"). */
const AUTHENTICATION = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";

/** What the bus says to that. */
const AUTHENTICATED = /^DATA\r\nOK [0-9a-f]*\r\n/;
const REFUSED = /^(?:DATA\r\n)?(?:REJECTED|ERROR)/;
const LONGEST_ANSWER = 256;

const HELLO: MethodCall = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
  member: "Hello",
};

/** A connection to the session bus, for calls and their answers. */
export class SessionBus {
  readonly #socket: LocalSocket;
  #received = new Uint8Array(0);
  #serial = 0;
  #isAuthenticated = false;

  constructor(socket: LocalSocket) {
    this.#socket = socket;
  }

  /**
   * Sends calls at once and gives the bodies of their answers.
   *
   * @throws {Error} If one of them fails, or the connection ends.
   */
  async call(...calls: MethodCall[]): Promise<Unmarshalled[]> {
    const sent = this.#serial === 0 ? [HELLO, ...calls] : calls;
    const greeting = this.#serial === 0 ? [...new TextEncoder().encode(AUTHENTICATION)] : [];
    const first = this.#serial + 1;
    await this.#socket.write(
      Uint8Array.from([...greeting, ...sent.flatMap((call) => encodeCall(call, ++this.#serial))]),
    );
    const bodies = new Map<number, Unmarshalled>();
    while (bodies.size < sent.length) {
      const { replyTo = 0, isError, body } = await this.#next();
      if (replyTo < first) continue;
      if (isError) throw new Error(`The call of ${sent[replyTo - first]?.member} failed`);
      bodies.set(replyTo, body);
    }
    return calls.map((_, index) => bodies.get(this.#serial - calls.length + 1 + index)!);
  }

  async #next(): Promise<Message> {
    for (;;) {
      const message = this.#isAuthenticated || this.#authenticate()
        ? decodeMessage(this.#received)
        : undefined;
      if (message) {
        this.#received = this.#received.slice(message.length);
        return message;
      }
      const more = await this.#socket.read();
      if (more === null) throw new Error("The bus has ended the connection");
      this.#received = concatenate(this.#received, more);
    }
  }

  /** Takes the answer to the authentication off what has come; `false` when it has not come to its end. */
  #authenticate(): boolean {
    const text = String.fromCharCode(...this.#received.slice(0, LONGEST_ANSWER));
    const [answer] = AUTHENTICATED.exec(text) ?? [];
    if (REFUSED.test(text)) throw new Error("The bus does not let us in");
    if (answer === undefined) return false;
    this.#received = this.#received.slice(answer.length);
    return this.#isAuthenticated = true;
  }
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
