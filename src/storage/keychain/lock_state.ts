import type { LocalSocket } from "../../runtime/local_socket.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import {
  aligned,
  decodeMessage,
  encodeCall,
  Marshalled,
  type Message,
  MESSAGE_TYPE,
} from "./dbus_message.ts";
import { withDeadline } from "./with_deadline.ts";

/** A question about the Secret Service: may an item be read, may one be created. */
export type LockQuestion = { about: "item"; service: string; username: string } | { about: "collection" };

/**
 * Whether a call will be served without a prompt: `open` when it will, `locked` when it will not, `unanswered` when the
 * service did not say so in time, `unknown` when it could not be asked.
 */
export type LockState = "open" | "locked" | "unanswered" | "unknown";

/** As long as the binding waits for an answer to a call. */
const DEADLINE_MS = 2_000;
const SERVICE = "org.freedesktop.secrets";

/**
 * Asks the Secret Service whether what is to be called is locked. The binding cannot be asked: it prompts at once, and
 * its call then neither returns nor lets the process end until somebody answers.
 */
export async function secretServiceState(runtime: Runtime, question: LockQuestion): Promise<LockState> {
  const path = busPath(runtime);
  if (path === undefined) return "unknown";
  const connecting = runtime.connectLocal(path);
  try {
    return await withDeadline(async () => await ask(await connecting, question), DEADLINE_MS) ?? "unanswered";
  } catch {
    return "unknown"; // The binding will say what is wrong.
  } finally {
    connecting.then((socket) => socket.close(), () => {});
  }
}

/** The session bus, where it is a socket in the file system, as `libdbus` finds it. */
function busPath(runtime: Runtime): string | undefined {
  const address = runtime.env("DBUS_SESSION_BUS_ADDRESS");
  if (address !== undefined) return /^unix:(?:[^;]*,)?path=([^,;]+)/.exec(address)?.[1];
  const folder = runtime.env("XDG_RUNTIME_DIR");
  return folder && `${folder}/bus`;
}

const QUESTION_SERIAL = 2;

/** Everything is sent at once; the answers come in turn (D-Bus specification, "Authentication Protocol"). */
async function ask(socket: LocalSocket, question: LockQuestion): Promise<LockState> {
  const hello = encodeCall({
    serial: 1,
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    member: "Hello",
  });
  // The bus knows the user by the socket: the identity stays empty.
  const authentication = new TextEncoder().encode("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n");
  await socket.write(Uint8Array.from([...authentication, ...hello, ...encodeQuestion(question)]));
  const answer = await readAnswer(socket);
  if (answer?.type !== MESSAGE_TYPE.METHOD_RETURN) return "unknown";
  return isLocked(question, answer) ? "locked" : "open";
}

function encodeQuestion(question: LockQuestion): number[] {
  const call = { serial: QUESTION_SERIAL, destination: SERVICE };
  if (question.about === "item") {
    const { service, username } = question;
    return encodeCall({
      ...call,
      path: "/org/freedesktop/secrets",
      interface: "org.freedesktop.Secret.Service",
      member: "SearchItems",
      signature: "a{ss}",
      body: new Marshalled().dictionary({ service, username }).bytes,
    });
  }
  return encodeCall({
    ...call,
    path: "/org/freedesktop/secrets/aliases/default",
    interface: "org.freedesktop.DBus.Properties",
    member: "Get",
    signature: "ss",
    body: new Marshalled().string("org.freedesktop.Secret.Collection").string("Locked").bytes,
  });
}

/** Items come as two lists, of those that are not locked and of those that are; the property is a variant. */
function isLocked({ about }: LockQuestion, { body, isLittleEndian }: Message): boolean {
  if (about === "collection") return body.getUint32(4, isLittleEndian) !== 0;
  const secondList = aligned(4 + body.getUint32(0, isLittleEndian), 4);
  return body.getUint32(secondList, isLittleEndian) !== 0;
}

async function readAnswer(socket: LocalSocket): Promise<Message | undefined> {
  let bytes = new Uint8Array(0);
  let isAuthenticated = false;
  for (;;) {
    const received = await socket.read();
    if (received === null) return undefined;
    bytes = concatenate(bytes, received);
    if (!isAuthenticated) {
      const start = messagesStart(bytes);
      if (start === undefined) continue;
      isAuthenticated = true;
      bytes = bytes.slice(start);
    }
    for (let message = decodeMessage(bytes); message; message = decodeMessage(bytes)) {
      if (message.replyTo === QUESTION_SERIAL) return message;
      bytes = bytes.slice(message.end);
    }
  }
}

/** Where the lines of the authentication end; they end with the one that begins with `OK`. */
function messagesStart(bytes: Uint8Array): number | undefined {
  const text = String.fromCharCode(...bytes.slice(0, 256));
  const [line] = /^(?:DATA\r\n)?OK [0-9a-f]*\r\n/.exec(text) ?? [];
  return line?.length;
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
