import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { EventEmitter } from "node:events";
import { type LineSource, readLine } from "../doors/runtime.ts";

/** A terminal whose keys the test presses. */
function createTerminal(state: { isTTY?: boolean; readableEnded?: boolean; destroyed?: boolean } = {}) {
  const events = new EventEmitter();
  const log: string[] = [];
  const source: LineSource = {
    stdin: {
      isTTY: true,
      readableEnded: false,
      destroyed: false,
      ...state,
      on: (event, listener) => void events.on(event, listener),
      off: (event, listener) => void events.off(event, listener),
      resume: () => log.push("resume"),
      pause: () => log.push("pause"),
    },
    setRaw: (raw) => log.push(raw ? "raw" : "cooked"),
    interrupt: () => log.push("interrupt"),
  };
  const type = (text: string | Uint8Array) => void events.emit("data", text);
  return { events, log, source, type };
}

describe("readLine()", () => {
  it("assembles a line from texts and bytes, and restores the terminal", async () => {
    const { source, type, log, events } = createTerminal();
    const line = readLine(source, { hidden: true });
    type("zw");
    const [first = 0, second = 0] = new TextEncoder().encode("ö");
    type(new Uint8Array([first]));
    type(new Uint8Array([second]));
    type("lf\r");

    assertEquals(await line, "zwölf");
    assertEquals(log, ["raw", "resume", "pause", "cooked"]);
    assertEquals(["data", "end", "error"].map((event) => events.listenerCount(event)), [0, 0, 0]);
  });

  it("passes what came after a line to the next call, which need not wait for it", async () => {
    const { source, type, log } = createTerminal({ isTTY: false });
    const first = readLine(source);
    type("one\ntwo\nthr");
    assertEquals([await first, await readLine(source)], ["one", "two"]);
    assertEquals(log, ["resume", "pause", "pause"]);

    const third = readLine(source);
    type("ee\n");
    assertEquals(await third, "three");
  });

  it("interrupts on Ctrl-C, and keeps reading if that ends nothing", async () => {
    const { source, type, log } = createTerminal();
    const line = readLine(source, { hidden: true });
    type("thrown away\x03");
    type("kept\r");

    assertEquals([await line, log.includes("interrupt")], ["kept", true]);
  });

  for (const state of [{ readableEnded: true }, { destroyed: true }]) {
    it(`returns null at once if the input has ended (${Object.keys(state)})`, async () => {
      assertEquals(await readLine(createTerminal(state).source), null);
    });
  }

  it("returns null at the end of the input, and a last line without an ending", async () => {
    const { source, type, events } = createTerminal({ isTTY: false });
    const line = readLine(source);
    type("last");
    events.emit("end");
    assertEquals(await line, "last");

    const next = readLine(source);
    events.emit("end");
    assertEquals(await next, null);
  });

  it("rejects with the error that ended the input, and restores the terminal", async () => {
    const { source, log, events } = createTerminal();
    const line = readLine(source, { hidden: true });
    const failure = new Error("EIO");
    events.emit("error", failure);

    assertEquals(await line.catch((error) => error), failure);
    assertEquals(log.at(-1), "cooked");
  });
});
