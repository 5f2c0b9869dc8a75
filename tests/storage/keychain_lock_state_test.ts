import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { LocalSocket } from "../../src/runtime/local_socket.ts";
import { encodeCall, Marshalled } from "../../src/storage/keychain/dbus_message.ts";
import { type LockQuestion, secretServiceState } from "../../src/storage/keychain/lock_state.ts";
import { createFakeRuntime, systemError } from "../harness/fake_runtime.ts";

const ITEM: LockQuestion = { about: "item", service: "service", username: "name" };
const COLLECTION: LockQuestion = { about: "collection" };
const AUTHENTICATED = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n";
const METHOD_RETURN = 2;
const ERROR = 3;

/** A message with the type and the serial of what it answers; the rest is that of a call. */
function message(type: number, replyTo: number, body: number[] = []): number[] {
  const fields = new Marshalled().align(8);
  fields.bytes.push(5);
  fields.signature("u").uint32(replyTo);
  fields.align(8).bytes.push(8);
  fields.signature("g").signature("aoao");
  fields.align(8).bytes.push(6);
  fields.signature("s").string(":1.7");
  const header = new Marshalled();
  header.bytes.push(0x6c, type, 0, 1);
  header.uint32(body.length).uint32(9).uint32(fields.bytes.length);
  header.bytes.push(...fields.bytes);
  return [...header.align(8).bytes, ...body];
}

function paths(...lists: string[][]): number[] {
  const body = new Marshalled();
  for (const list of lists) {
    const content = new Marshalled();
    for (const path of list) content.align(4).string(path);
    body.uint32(content.bytes.length).bytes.push(...content.bytes);
  }
  return body.bytes;
}

const HELLO = message(METHOD_RETURN, 1, new Marshalled().string(":1.42").bytes);
const PATH = "/org/freedesktop/secrets/collection/login/1";
const variant = (value: number) => [1, "b".charCodeAt(0), 0, 0, ...new Marshalled().uint32(value).bytes];

/** Asks a bus that sends these bytes, so many at a time, and then ends the connection or says nothing. */
async function stateOf(
  bytes: readonly number[],
  { question = ITEM, atOnce = Infinity, isSilent = false } = {},
): Promise<{ state: string; sent: string; isClosed: boolean }> {
  const rest = [...bytes];
  let sent = "";
  let isClosed = false;
  const socket: LocalSocket = {
    write: (written) => Promise.resolve(void (sent += new TextDecoder("latin1").decode(written))),
    async read() {
      if (rest.length > 0) return Uint8Array.from(rest.splice(0, atOnce));
      return isSilent ? await new Promise(() => {}) : null;
    },
    close: () => isClosed = true,
  };
  const runtime = await createFakeRuntime({
    env: { DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/bus,guid=0123" },
    parts: { connectLocal: () => Promise.resolve(socket) },
  });
  const state = await secretServiceState(runtime, question);
  await Promise.resolve();
  return { state, sent, isClosed };
}

const begin = [...new TextEncoder().encode(AUTHENTICATED), ...HELLO];

describe("secretServiceState()", () => {
  for (
    const [state, answer, question] of [
      ["open", paths([PATH], []), ITEM],
      ["open", paths([], []), ITEM],
      ["locked", paths([], [PATH]), ITEM],
      ["locked", paths([PATH], [`${PATH}2`]), ITEM],
      ["open", variant(0), COLLECTION],
      ["locked", variant(1), COLLECTION],
    ] as const
  ) {
    it(`is ${state} when the service answers ${answer.length} bytes about the ${question.about}`, async () => {
      const bytes = [...begin, ...message(METHOD_RETURN, 2, [...answer])];
      assertEquals((await stateOf(bytes, { question })).state, state);
      assertEquals((await stateOf(bytes, { question, atOnce: 1 })).state, state);
    });
  }

  it("asks without a prompt, and closes the connection", async () => {
    const { sent, isClosed } = await stateOf([...begin, ...message(METHOD_RETURN, 2, paths([], []))]);
    assertEquals(sent.startsWith("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"), true);
    assertEquals(["SearchItems", "service", "name"].every((part) => sent.includes(part)), true);
    assertEquals(/Unlock|Prompt/.test(sent), false);
    assertEquals(isClosed, true);
  });

  it("is unknown when the bus refuses, the service fails, or the connection ends", async () => {
    const refused = [...new TextEncoder().encode("REJECTED EXTERNAL\r\n")];
    assertEquals((await stateOf(refused)).state, "unknown");
    assertEquals((await stateOf([...begin, ...message(ERROR, 2)])).state, "unknown");
    assertEquals((await stateOf(begin)).state, "unknown");
  });

  it("is unanswered when nothing comes for two seconds", async () => {
    const began = performance.now();
    assertEquals((await stateOf(begin, { isSilent: true })).state, "unanswered");
    assertGreater(performance.now() - began, 1_900);
  });

  it("is unknown when there is no bus in the file system, or it may not be asked", async () => {
    const connectLocal = () => Promise.reject(systemError("EACCES"));
    for (const env of [{}, { DBUS_SESSION_BUS_ADDRESS: "unix:abstract=/bus" }, { XDG_RUNTIME_DIR: "/run" }]) {
      const runtime = await createFakeRuntime({ env, parts: { connectLocal } });
      assertEquals(await secretServiceState(runtime, ITEM), "unknown");
    }
  });
});

describe("encodeCall()", () => {
  it("pads and counts as the specification says", () => {
    const call = encodeCall({ serial: 1, destination: "d", path: "/", interface: "i", member: "m" });
    const header = [0x6c, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 58, 0, 0, 0];
    assertEquals(call.slice(0, 16), header);
    assertEquals(call.slice(16, 26), [1, 1, "o".charCodeAt(0), 0, 1, 0, 0, 0, "/".charCodeAt(0), 0]);
    assertEquals(call.length, 16 + 64);
  });
});
