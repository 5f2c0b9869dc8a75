import fc from "npm:fast-check@4.10.2";
import { decodeMessage, encodeCall } from "../../doors/storage.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { demand } from "../support/promises.ts";

const GOOD = encodeCall({ destination: "org.x", path: "/x", interface: "org.x", member: "Get" }, 7);
const octet = fc.nat(255);
const change = fc.record({ at: fc.nat(GOOD.length - 1), value: octet });
const messages = fc.oneof(
  fc.array(octet, { maxLength: 80 }),
  fc.array(change, { maxLength: 4 }).map((changes) => {
    const bytes = [...GOOD];
    for (const { at, value } of changes) bytes[at] = value;
    return bytes;
  }),
);

/** Data from the session bus: a message, an incomplete one, or the error of reading past its end. */
export const dbusMessage: FuzzTarget = fuzzTarget("dbus_message", messages, (bytes) => {
  try {
    const message = decodeMessage(Uint8Array.from(bytes));
    demand(!message || message.length > 0 && message.length <= bytes.length, "a message of no length");
    message?.body.strings();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
});
