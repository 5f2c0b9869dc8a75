import { startDeadline, within } from "../../core/time.ts";
import type { LocalSocket } from "../../runtime/local_socket.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import {
  decodeMessage,
  encodeCall,
  Marshalled,
  type Message,
  type MethodCall,
  type Unmarshalled,
} from "./dbus.ts";

/** Identifies an item. On Linux `secret-tool lookup service SERVICE username USERNAME` shows it. */
export interface ItemName {
  readonly service: string;
  readonly username: string;
}

/**
 * What the Secret Service gives without a prompt: a refusal, no reply in time, or `unknown` if it failed or could not
 * be asked.
 */
type Refusal = "locked" | "unanswered" | "unknown";

/** As long as the binding waits for a reply. */
const DEADLINE_MS = 2_000;

const SERVICE = "org.freedesktop.secrets";
const SERVICE_PATH = "/org/freedesktop/secrets";
const SERVICE_INTERFACE = "org.freedesktop.Secret.Service";
const COLLECTION_INTERFACE = "org.freedesktop.Secret.Collection";
const ITEM_INTERFACE = "org.freedesktop.Secret.Item";

/** A session that sends secrets unencrypted: nobody but the user can open the bus's socket. */
const OPEN_SESSION: MethodCall = {
  destination: SERVICE,
  path: SERVICE_PATH,
  interface: SERVICE_INTERFACE,
  member: "OpenSession",
  signature: "sv",
  body: new Marshalled().string("plain").signature("s").string(""),
};

/**
 * Reads an item's secret; `null` if there is none. The binding would prompt at once for a locked item, and its call
 * then neither returns nor lets the process end until someone answers. We have to ask first whether the item is locked,
 * so we might as well ask for the secret, and need not load the binding.
 */
export async function readSecret(
  runtime: Runtime,
  { service, username }: ItemName,
): Promise<{ secret: string | null } | Refusal> {
  return await askSecretService(runtime, async (bus) => {
    const [session, items] = await bus.call(OPEN_SESSION, {
      destination: SERVICE,
      path: SERVICE_PATH,
      interface: SERVICE_INTERFACE,
      member: "SearchItems",
      signature: "a{ss}",
      body: new Marshalled().dictionary({ service, username }),
    });
    const [unlocked] = items!.strings();
    if (unlocked === undefined) return items!.strings().length > 0 ? "locked" : { secret: null };
    session!.signature();
    session!.string(); // Empty: nothing to negotiate without encryption.
    const [secret] = await bus.call({
      destination: SERVICE,
      path: unlocked,
      interface: ITEM_INTERFACE,
      member: "GetSecret",
      signature: "o",
      body: new Marshalled().string(session!.string()),
    });
    secret!.string(); // Skips the session and its encryption parameters.
    secret!.bytes();
    return { secret: new TextDecoder().decode(secret!.bytes()) };
  });
}

/** Whether items can be created without a prompt. */
export async function collectionState(runtime: Runtime): Promise<"open" | Refusal> {
  return await askSecretService(runtime, async (bus) => {
    const [property] = await bus.call({
      destination: SERVICE,
      path: `${SERVICE_PATH}/aliases/default`,
      interface: "org.freedesktop.DBus.Properties",
      member: "Get",
      signature: "ss",
      body: new Marshalled().string(COLLECTION_INTERFACE).string("Locked"),
    });
    property!.signature();
    return property!.uint32() === 0 ? "open" : "locked";
  });
}

async function askSecretService<T>(
  runtime: Runtime,
  ask: (bus: SessionBus) => Promise<T>,
): Promise<T | "unanswered" | "unknown"> {
  const path = busPath(runtime);
  if (path === undefined) return "unknown";
  const connecting = runtime.connectLocal(path);
  try {
    const asking = async () => ({ answer: await ask(new SessionBus(await connecting)) });
    return (await within(DEADLINE_MS, asking(), startDeadline))?.answer ?? "unanswered";
  } catch {
    return "unknown"; // The binding will report what is wrong.
  } finally {
    connecting.then((socket) => socket.close(), () => {});
  }
}

/** Finds the session bus as `libdbus` does, if it is a socket in the file system. */
function busPath(runtime: Runtime): string | undefined {
  const address = runtime.env("DBUS_SESSION_BUS_ADDRESS");
  if (address !== undefined) return /^unix:(?:[^;]*,)?path=([^,;]+)/.exec(address)?.[1];
  const directory = runtime.env("XDG_RUNTIME_DIR");
  return directory && `${directory}/bus`;
}

/**
 * The bus identifies the user by the socket, so no identity is sent (D-Bus specification, "Authentication Protocol").
 */
const AUTHENTICATION = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";

/** The bus's replies. */
const AUTHENTICATED = /^DATA\r\nOK [0-9a-f]*\r\n/;
const REFUSED = /^(?:DATA\r\n)?(?:REJECTED|ERROR)/;
const LONGEST_ANSWER = 256;

const HELLO: MethodCall = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
  member: "Hello",
};

class SessionBus {
  readonly #socket: LocalSocket;
  #received = new Uint8Array(0);
  #serial = 0;
  #isAuthenticated = false;

  constructor(socket: LocalSocket) {
    this.#socket = socket;
  }

  /**
   * Sends calls together and returns the bodies of their replies.
   *
   * @throws {Error} If a call fails, or the connection ends.
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
      if (isError) throw new Error(`The call to ${sent[replyTo - first]?.member} failed`);
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
      if (more === null) throw new Error("The bus closed the connection");
      this.#received = concatenate(this.#received, more);
    }
  }

  /** Consumes the reply to the authentication; `false` while it is incomplete. */
  #authenticate(): boolean {
    const text = String.fromCharCode(...this.#received.slice(0, LONGEST_ANSWER));
    const [answer] = AUTHENTICATED.exec(text) ?? [];
    if (REFUSED.test(text)) throw new Error("The bus rejected the authentication");
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
