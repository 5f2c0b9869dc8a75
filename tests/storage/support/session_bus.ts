import { assertEquals } from "@std/assert";
import type { LocalSocket } from "../../doors/runtime.ts";
import { Marshalled, Unmarshalled } from "../../doors/storage.ts";

/** Object path of an item. */
export const PATH = "/org/freedesktop/secrets/collection/login/1";

const METHOD_RETURN = 2;
/** Type of a message for a failed call. */
export const ERROR = 3;

/** A reply to the call with a serial: a header with the usual fields, and a body. */
export function answer(
  replyTo: number,
  body: Marshalled = new Marshalled(),
  type: number = METHOD_RETURN,
): number[] {
  const fields = new Marshalled()
    .byte(5).signature("u").uint32(replyTo)
    .align(8).byte(8).signature("g").signature("aoao")
    .align(8).byte(6).signature("s").string(":1.7");
  const header = new Marshalled().byte(0x6c, type, 0, 1)
    .uint32(body.bytes.length).uint32(9).uint32(fields.bytes.length).byte(...fields.bytes).align(8);
  return [...header.bytes, ...body.bytes];
}

/** A body of lists of object paths. */
export function paths(...lists: string[][]): Marshalled {
  const body = new Marshalled();
  for (const list of lists) {
    const content = new Marshalled();
    for (const path of list) content.align(4).string(path);
    body.uint32(content.bytes.length).byte(...content.bytes);
  }
  return body;
}

const AUTHENTICATED = [...new TextEncoder().encode("DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n")];
const HELLO = answer(1, new Marshalled().string(":1.42"));
const SIGNAL = answer(0, new Marshalled().string(":1.42"));

/** What the bus sends before any reply. */
export const BEGIN: readonly number[] = [...AUTHENTICATED, ...HELLO, ...SIGNAL];
/** The reply to `OpenSession`. */
export const SESSION: readonly number[] = answer(
  2,
  new Marshalled().signature("s").string("").string("/session/1"),
);
const VALUE = [...new TextEncoder().encode("Ünit")];
/** The reply with an item's secret, `Ünit`. */
export const SECRET: readonly number[] = answer(
  4,
  new Marshalled().string("/session/1").uint32(0).uint32(VALUE.length).byte(...VALUE).string("text/plain"),
);

/** A bus whose service has the item, locked. */
export const LOCKED_ITEM: readonly number[] = [...BEGIN, ...SESSION, ...answer(3, paths([], [PATH]))];
/** A bus whose service can store an item. */
export const OPEN_COLLECTION: readonly number[] = [...BEGIN, ...answer(2, property(0))];
/** A bus whose service must be unlocked first. */
export const LOCKED_COLLECTION: readonly number[] = [...BEGIN, ...answer(2, property(1))];

function property(value: number): Marshalled {
  return new Marshalled().signature("b").uint32(value);
}

/** A call as it was sent to a bus. */
export interface SentCall {
  /** The fields of its header, by their codes, in that order. */
  fields: string[];
  serial: number;
  /** Its arguments, unread. */
  body: Unmarshalled;
}

/** Types of the header fields that are not strings, by their codes. */
const FIELD_TYPES: Record<number, string> = { 1: "o", 8: "g" };

/** Reads what was sent to a bus: the authentication, and the calls after it. */
export function readSent(sent: readonly number[]): { authentication: string; calls: SentCall[] } {
  const end = "BEGIN\r\n";
  const text = String.fromCharCode(...sent);
  const start = text.indexOf(end) + end.length;
  let rest = Uint8Array.from(sent.slice(start));
  const calls: SentCall[] = [];
  while (rest.length > 0) {
    const header = new Unmarshalled(rest, true);
    assertEquals([header.byte(), header.byte(), header.byte(), header.byte()], [0x6c, 1, 0, 1]);
    const [bodyLength, serial, fieldsLength] = [header.uint32(), header.uint32(), header.uint32()];
    const fields: string[] = [];
    while (header.offset < 16 + fieldsLength) {
      const code = header.align(8).byte();
      const type = header.signature();
      assertEquals(type, FIELD_TYPES[code] ?? "s");
      fields[code] = `${code}: ${type === "g" ? header.signature() : header.string()}`;
    }
    assertEquals(header.offset, 16 + fieldsLength);
    const { offset } = header.align(8);
    const body = new Unmarshalled(rest.slice(offset, offset + bodyLength), true);
    calls.push({ fields: fields.filter((field) => field !== undefined), serial, body });
    rest = rest.slice(offset + bodyLength);
  }
  return { authentication: text.slice(0, start), calls };
}

/** A bus that sends fixed bytes, whatever it is asked. */
export interface FakeBus {
  /** Everything sent to it. */
  readonly sent: number[];
  isClosed: boolean;
  connect(): Promise<LocalSocket>;
}

/** Creates a bus that sends these bytes, so many at a time, then ends the connection or falls silent. */
export function createBus(
  bytes: readonly number[],
  options: { atOnce?: number; isSilent?: boolean } = {},
): FakeBus {
  const { atOnce = Infinity, isSilent = false } = options;
  const rest = [...bytes];
  const bus: FakeBus = {
    sent: [],
    isClosed: false,
    async connect() {
      return await Promise.resolve({
        write: (bytes) => Promise.resolve(void bus.sent.push(...bytes)),
        async read() {
          if (rest.length > 0) return Uint8Array.from(rest.splice(0, atOnce));
          return isSilent ? await new Promise(() => {}) : null;
        },
        close: () => bus.isClosed = true,
      });
    },
  };
  return bus;
}
