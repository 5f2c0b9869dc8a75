import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { LocalSocket } from "../../src/runtime/local_socket.ts";
import { encodeCall } from "../../src/storage/keychain/dbus/message.ts";
import { collectionState, readSecret } from "../../src/storage/keychain/secret_service.ts";
import { createFakeRuntime, systemError } from "../harness/fake_runtime.ts";
import {
  answer,
  BEGIN,
  createBus,
  ERROR,
  LOCKED_COLLECTION,
  OPEN_COLLECTION,
  PATH,
  paths,
  SECRET,
  SESSION,
} from "./support/session_bus.ts";

const NAME = { service: "service", username: "name" };
function createRuntime(connectLocal: () => Promise<LocalSocket>) {
  const env = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/bus,guid=0123" };
  return createFakeRuntime({ env, parts: { connectLocal } });
}

async function read(bytes: readonly number[], options?: Parameters<typeof createBus>[1]) {
  return await readSecret(await createRuntime(createBus(bytes, options).connect), NAME);
}

describe("readSecret()", () => {
  for (const atOnce of [Infinity, 100, 1]) {
    it(`gives the secret of an item that is not locked, as it comes by ${atOnce}`, async () => {
      const bytes = [...BEGIN, ...SESSION, ...answer(3, paths([PATH], [`${PATH}2`])), ...SECRET];
      assertEquals(await read(bytes, { atOnce }), { secret: "Ünit" });
    });
  }

  it("gives nothing when there is no item", async () => {
    assertEquals(await read([...BEGIN, ...SESSION, ...answer(3, paths([], []))]), { secret: null });
  });

  it("takes answers in any order", async () => {
    assertEquals(await read([...BEGIN, ...answer(3, paths([], [])), ...SESSION]), { secret: null });
  });

  it("is locked when all items are, and asks nobody to unlock them", async () => {
    const bus = createBus([...BEGIN, ...SESSION, ...answer(3, paths([], [PATH, `${PATH}2`]))]);
    assertEquals(await readSecret(await createRuntime(bus.connect), NAME), "locked");
    assertEquals(["SearchItems", "service", "name"].every((part) => bus.sent.includes(part)), true);
    assertEquals(/Unlock|Prompt/.test(bus.sent), false);
    assertEquals(bus.isClosed, true);
  });

  it("is unknown when the bus refuses, a call fails, or the connection ends", async () => {
    assertEquals(await read([...new TextEncoder().encode("REJECTED EXTERNAL\r\n")]), "unknown");
    assertEquals(await read([...BEGIN, ...SESSION, ...answer(3, undefined, ERROR)]), "unknown");
    assertEquals(await read([...BEGIN, ...SESSION]), "unknown");
    assertEquals(await read([]), "unknown");
  });

  it("is unanswered when nothing comes for two seconds", async () => {
    const began = performance.now();
    assertEquals(await read(BEGIN, { isSilent: true }), "unanswered");
    assertGreater(performance.now() - began, 1_900);
  });

  it("is unknown when there is no bus in the file system, or it may not be asked", async () => {
    const connectLocal = () => Promise.reject(systemError("EACCES"));
    for (const env of [{}, { DBUS_SESSION_BUS_ADDRESS: "unix:abstract=/bus" }, { XDG_RUNTIME_DIR: "/run" }]) {
      const runtime = await createFakeRuntime({ env, parts: { connectLocal } });
      assertEquals(await readSecret(runtime, NAME), "unknown");
    }
  });
});

describe("collectionState()", () => {
  for (const [state, bytes] of [["open", OPEN_COLLECTION], ["locked", LOCKED_COLLECTION]] as const) {
    it(`is ${state} where the default collection says so`, async () => {
      assertEquals(await collectionState(await createRuntime(createBus(bytes).connect)), state);
    });
  }

  it("is unknown where there is no default collection", async () => {
    const bus = createBus([...BEGIN, ...answer(2, undefined, ERROR)]);
    assertEquals(await collectionState(await createRuntime(bus.connect)), "unknown");
  });
});

describe("encodeCall()", () => {
  it("pads and counts as the specification says", () => {
    const call = encodeCall({ destination: "d", path: "/", interface: "i", member: "m" }, 1);
    assertEquals(call.slice(0, 16), [0x6c, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 58, 0, 0, 0]);
    assertEquals(call.slice(16, 26), [1, 1, "o".charCodeAt(0), 0, 1, 0, 0, 0, "/".charCodeAt(0), 0]);
    assertEquals(call.length, 16 + 64);
  });
});
