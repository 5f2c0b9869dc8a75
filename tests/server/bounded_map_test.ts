import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BoundedMap } from "../doors/server.ts";
import { createClock } from "./support/clock.ts";

describe("BoundedMap", () => {
  it("gives a value until it expires", () => {
    const clock = createClock();
    const map = new BoundedMap<string>({ maxBytes: 1_000, now: clock.now });
    map.set("key", "value", { bytes: 5, expiresAt: clock.now() + 100 });
    clock.advance(99);
    assertEquals(map.get("key"), "value");
    clock.advance(1);
    assertEquals(map.get("key"), undefined);
  });

  it("makes room by removing the least recently used", () => {
    const clock = createClock();
    const map = new BoundedMap<number>({ maxBytes: 600, now: clock.now });
    const options = { bytes: 50, expiresAt: clock.now() + 1_000 };
    for (const [index, key] of ["a", "b", "c"].entries()) map.set(key, index, options);
    assertEquals(map.get("a"), 0);
    map.set("d", 3, options);
    assertEquals(["a", "b", "c", "d"].map((key) => map.get(key)), [0, undefined, 2, 3]);
  });

  it("does not grow beyond its bound, whatever is put into it", () => {
    const clock = createClock();
    const map = new BoundedMap<string>({ maxBytes: 10_000, now: clock.now });
    for (let index = 0; index < 1_000; index++) {
      map.set(`key ${index}`, "value", { bytes: index, expiresAt: clock.now() + 1_000 });
    }
    const kept = Array.from({ length: 1_000 }, (_, index) => map.get(`key ${index}`)).filter(Boolean).length;
    assertEquals(kept < 20 && kept > 5, true, `${kept} entries were kept`);
  });

  it("can be filled up to its bound", () => {
    const clock = createClock();
    const map = new BoundedMap<string>({ maxBytes: 2 * (128 + 1 + 71), now: clock.now });
    for (const key of ["a", "b"]) map.set(key, key, { bytes: 71, expiresAt: clock.now() + 1_000 });
    assertEquals([map.get("a"), map.get("b")], ["a", "b"]);
    map.set("c", "c", { bytes: 271, expiresAt: clock.now() + 1_000 });
    assertEquals(["a", "b", "c"].map((key) => map.get(key)), [undefined, undefined, "c"]);
  });

  it("removes nothing to make room for an expired value", () => {
    const clock = createClock();
    const map = new BoundedMap<string>({ maxBytes: 300, now: clock.now });
    map.set("kept", "value", { bytes: 100, expiresAt: clock.now() + 1_000 });
    map.set("late", "value", { bytes: 100, expiresAt: clock.now() });
    assertEquals(map.get("kept"), "value");
  });

  it("skips values that are larger than the map or have expired", () => {
    const clock = createClock();
    const map = new BoundedMap<string>({ maxBytes: 500, now: clock.now });
    map.set("kept", "value", { bytes: 10, expiresAt: clock.now() + 1_000 });
    map.set("large", "value", { bytes: 501, expiresAt: clock.now() + 1_000 });
    map.set("late", "value", { bytes: 10, expiresAt: clock.now() });
    assertEquals(["kept", "large", "late"].map((key) => map.get(key)), ["value", undefined, undefined]);
  });

  it("counts a replaced value once", () => {
    const clock = createClock();
    const map = new BoundedMap<number>({ maxBytes: 400, now: clock.now });
    const options = { bytes: 50, expiresAt: clock.now() + 1_000 };
    map.set("other", 0, options);
    for (let index = 0; index < 10; index++) map.set("key", index, options);
    assertEquals([map.get("other"), map.get("key")], [0, 9]);
  });
});
