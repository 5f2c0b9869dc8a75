import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeMessage, encodeCall, Marshalled } from "../doors/storage.ts";

describe("encodeCall()", () => {
  it("pads and counts as the specification says", () => {
    const call = encodeCall({ destination: "d", path: "/", interface: "i", member: "m" }, 1);
    assertEquals(call.slice(0, 16), [0x6c, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 58, 0, 0, 0]);
    assertEquals(call.slice(16, 26), [1, 1, "o".charCodeAt(0), 0, 1, 0, 0, 0, "/".charCodeAt(0), 0]);
    assertEquals(call.length, 16 + 64);
  });
});

describe("decodeMessage()", () => {
  const LITTLE = [0x6c, 2, 0, 1, 3, 0, 0, 0, 9, 0, 0, 0, 8, 0, 0, 0, 5, 1, 117, 0, 7, 0, 0, 0, 1, 2, 3];
  const BIG = [0x42, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 8, 5, 1, 117, 0, 0, 0, 0, 7, 1, 2, 3];

  it("reads either byte order", () => {
    for (const [bytes, isError] of [[LITTLE, false], [BIG, true]] as const) {
      const message = decodeMessage(Uint8Array.from([...bytes, 99]));
      assertEquals([message?.replyTo, message?.isError, message?.length], [7, isError, 27]);
      assertEquals([message?.body.byte(), message?.body.byte(), message?.body.byte()], [1, 2, 3]);
    }
  });

  it("waits for the end of a message", () => {
    for (let length = 0; length < LITTLE.length; length++) {
      assertEquals(decodeMessage(Uint8Array.from(LITTLE.slice(0, length))), undefined);
    }
  });

  it("finds the serial among other fields of any type, or none", () => {
    const others = new Marshalled().byte(8).signature("g").signature("s")
      .align(8).byte(9).signature("u").uint32(1)
      .align(8).byte(7).signature("s").string(":1.7");
    const reply = new Marshalled().byte(...others.bytes).align(8).byte(5).signature("u").uint32(7);
    for (const [fields, replyTo] of [[others, undefined], [reply, 7]] as const) {
      const message = new Marshalled().byte(0x6c, 2, 0, 1).uint32(0).uint32(1).uint32(fields.bytes.length)
        .byte(...fields.bytes).align(8);
      assertEquals(decodeMessage(Uint8Array.from(message.bytes))?.replyTo, replyTo);
    }
  });
});

describe("Marshalled", () => {
  it("writes 32-bit numbers little-endian and aligned", () => {
    assertEquals(new Marshalled().byte(9).uint32(0xfedcba98).bytes, [9, 0, 0, 0, 0x98, 0xba, 0xdc, 0xfe]);
  });

  it("writes strings with their length in front and a NUL at the end", () => {
    assertEquals(new Marshalled().string("ü").bytes, [2, 0, 0, 0, 0xc3, 0xbc, 0]);
    assertEquals(new Marshalled().signature("su").bytes, [2, 0x73, 0x75, 0]);
  });

  it("writes a dictionary as aligned pairs", () => {
    assertEquals(new Marshalled().dictionary({ a: "b", c: "d" }).bytes, [
      ...[30, 0, 0, 0, 0, 0, 0, 0],
      ...[1, 0, 0, 0, 0x61, 0, 0, 0, 1, 0, 0, 0, 0x62, 0, 0, 0],
      ...[1, 0, 0, 0, 0x63, 0, 0, 0, 1, 0, 0, 0, 0x64, 0],
    ]);
  });
});
