import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { LocalSocket } from "../doors/runtime.ts";
import { collectionState, readSecret } from "../doors/storage.ts";
import { LAST_MOMENT_MS, onFakeClock } from "../harness/fake_clock.ts";
import { createFakeRuntime, systemError } from "../harness/fake_runtime.ts";
import { advanceUntil } from "./support/advance_until.ts";
import {
  answer,
  BEGIN,
  createBus,
  ERROR,
  LOCKED_COLLECTION,
  OPEN_COLLECTION,
  PATH,
  paths,
  readSent,
  SECRET,
  SESSION,
} from "./support/session_bus.ts";

const NAME = { service: "service", username: "name" };
function createRuntime(connectLocal: () => Promise<LocalSocket>) {
  const env = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/bus,guid=0123" };
  return createFakeRuntime({ env, parts: { connectLocal } });
}

function serviceFields(member: string): string[] {
  return [
    "1: /org/freedesktop/secrets",
    "2: org.freedesktop.Secret.Service",
    `3: ${member}`,
    "6: org.freedesktop.secrets",
  ];
}

async function read(bytes: readonly number[], options?: Parameters<typeof createBus>[1]) {
  return await readSecret(await createRuntime(createBus(bytes, options).connect), NAME);
}

describe("readSecret()", () => {
  for (const atOnce of [Infinity, 100, 1]) {
    it(`returns the secret of an unlocked item, received in pieces of ${atOnce}`, async () => {
      const bytes = [...BEGIN, ...SESSION, ...answer(3, paths([PATH], [`${PATH}2`])), ...SECRET];
      assertEquals(await read(bytes, { atOnce }), { secret: "Ünit" });
    });
  }

  it("asks for the item by its name, and for the secret unencrypted", async () => {
    const bus = createBus([...BEGIN, ...SESSION, ...answer(3, paths([PATH], [])), ...SECRET]);
    await readSecret(await createRuntime(bus.connect), NAME);
    const { authentication, calls } = readSent(bus.sent);
    assertEquals(authentication, "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n");
    assertEquals(calls.map(({ fields }) => fields), [
      ["1: /org/freedesktop/DBus", "2: org.freedesktop.DBus", "3: Hello", "6: org.freedesktop.DBus"],
      [...serviceFields("OpenSession"), "8: sv"],
      [...serviceFields("SearchItems"), "8: a{ss}"],
      [
        `1: ${PATH}`,
        "2: org.freedesktop.Secret.Item",
        "3: GetSecret",
        "6: org.freedesktop.secrets",
        "8: o",
      ],
    ]);
    assertEquals(calls.map(({ serial }) => serial), [1, 2, 3, 4]);
    const [, session, search, get] = calls.map(({ body }) => body);
    assertEquals([session!.string(), session!.signature(), session!.string()], ["plain", "s", ""]);
    search!.uint32();
    const attributes = Array.from({ length: 2 }, () => [search!.align(8).string(), search!.string()]);
    assertEquals(attributes, [["service", "service"], ["username", "name"]]);
    assertEquals(get!.string(), "/session/1");
  });

  it("returns null if there is no item", async () => {
    assertEquals(await read([...BEGIN, ...SESSION, ...answer(3, paths([], []))]), { secret: null });
  });

  it("accepts replies in any order", async () => {
    assertEquals(await read([...BEGIN, ...answer(3, paths([], [])), ...SESSION]), { secret: null });
  });

  it("is locked if all items are, and prompts nobody to unlock them", async () => {
    const bus = createBus([...BEGIN, ...SESSION, ...answer(3, paths([], [PATH, `${PATH}2`]))]);
    assertEquals(await readSecret(await createRuntime(bus.connect), NAME), "locked");
    const { calls } = readSent(bus.sent);
    assertEquals(calls.map(({ fields }) => fields.at(2)), ["3: Hello", "3: OpenSession", "3: SearchItems"]);
    assertEquals(bus.isClosed, true);
  });

  it("is unknown if the bus refuses, a call fails, or the connection ends", async () => {
    for (const refusal of ["REJECTED EXTERNAL\r\n", "DATA\r\nREJECTED\r\n", "ERROR\r\n"]) {
      assertEquals(await read([...new TextEncoder().encode(refusal)], { isSilent: true }), "unknown");
    }
    assertEquals(await read([...BEGIN, ...SESSION, ...answer(3, undefined, ERROR)]), "unknown");
    assertEquals(await read([...BEGIN, ...SESSION, ...answer(3, paths([], []), ERROR)]), "unknown");
    assertEquals(await read([...BEGIN, ...SESSION]), "unknown");
    assertEquals(await read([]), "unknown");
  });

  it("is unanswered if nothing comes for two seconds", async () => {
    await onFakeClock(async (clock) => {
      const reading = read(BEGIN, { isSilent: true });
      const passedMs = await advanceUntil(clock, reading, 2_000, LAST_MOMENT_MS);
      assertEquals(passedMs, 2_000 + LAST_MOMENT_MS);
      assertEquals(await reading, "unanswered");
    });
  });

  it("finds the bus by its address or in the user's runtime directory", async () => {
    const places: [env: Record<string, string>, ...paths: string[]][] = [
      [{ DBUS_SESSION_BUS_ADDRESS: "unix:path=/a", XDG_RUNTIME_DIR: "/run" }, "/a"],
      [{ DBUS_SESSION_BUS_ADDRESS: "unix:guid=1,path=/a,x=2" }, "/a"],
      [{ DBUS_SESSION_BUS_ADDRESS: "unix:path=/a;unix:path=/b" }, "/a"],
      [{ DBUS_SESSION_BUS_ADDRESS: "notunix:path=/a", XDG_RUNTIME_DIR: "/run" }],
      [{ XDG_RUNTIME_DIR: "/run" }, "/run/bus"],
    ];
    for (const [env, ...paths] of places) {
      const connected: string[] = [];
      const connectLocal = (path: string) => {
        connected.push(path);
        return Promise.reject(systemError("ENOENT"));
      };
      await readSecret(await createFakeRuntime({ env, parts: { connectLocal } }), NAME);
      assertEquals(connected, paths);
    }
  });

  it("is unknown if there is no bus in the file system, or it may not be used", async () => {
    const connectLocal = () => Promise.reject(systemError("EACCES"));
    for (const env of [{}, { DBUS_SESSION_BUS_ADDRESS: "unix:abstract=/bus" }, { XDG_RUNTIME_DIR: "/run" }]) {
      const runtime = await createFakeRuntime({ env, parts: { connectLocal } });
      assertEquals(await readSecret(runtime, NAME), "unknown");
    }
  });
});

describe("collectionState()", () => {
  it("is the default collection's property", async () => {
    const bus = createBus(OPEN_COLLECTION);
    await collectionState(await createRuntime(bus.connect));
    const [, call] = readSent(bus.sent).calls;
    assertEquals(call?.fields, [
      "1: /org/freedesktop/secrets/aliases/default",
      "2: org.freedesktop.DBus.Properties",
      "3: Get",
      "6: org.freedesktop.secrets",
      "8: ss",
    ]);
    assertEquals([call?.body.string(), call?.body.string()], [
      "org.freedesktop.Secret.Collection",
      "Locked",
    ]);
    assertEquals(bus.isClosed, true);
  });

  for (const [state, bytes] of [["open", OPEN_COLLECTION], ["locked", LOCKED_COLLECTION]] as const) {
    it(`is ${state} if the default collection says so`, async () => {
      assertEquals(await collectionState(await createRuntime(createBus(bytes).connect)), state);
    });
  }

  it("is unknown if there is no default collection", async () => {
    const bus = createBus([...BEGIN, ...answer(2, undefined, ERROR)]);
    assertEquals(await collectionState(await createRuntime(bus.connect)), "unknown");
  });
});
