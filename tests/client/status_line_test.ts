import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { StatusLine } from "../doors/client.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";

/** How often it is redrawn. */
const FRAME_MS = 100;

let clock: FakeClock;
beforeEach(() => {
  clock = installFakeClock();
});
afterEach(() => clock.uninstall());

/** A line on a terminal whose clock and width the test sets. */
function lineOn({ columns = 80, label = "Waiting" } = {}) {
  const screen = { time: 0, columns, written: "" };
  const line = new StatusLine({ label, endsAt: 120_000 }, {
    write: (text) => void (screen.written += text),
    columns: () => screen.columns,
    now: () => screen.time,
    dim: (text) => text,
  });
  return { screen, line };
}

/** What the next redraw writes. */
async function nextDrawing(screen: { written: string }): Promise<string> {
  screen.written = "";
  await clock.advance(FRAME_MS);
  return screen.written;
}

describe("a status line", () => {
  it("says what is waited for, and for how much longer", async () => {
    const { screen, line } = lineOn();
    line.start();
    assertEquals(screen.written, "\r\x1b[J⠋ Waiting  2:00 left");
    screen.time = 55_001;
    assertEquals(await nextDrawing(screen), "\r\x1b[J⠙ Waiting  1:05 left");
    screen.time = 999_999;
    assertStringIncludes(await nextDrawing(screen), "0:00 left");
    line.stop();
  });

  it("is removed by stop(), and not drawn again", () => {
    const { screen, line } = lineOn();
    line.start();
    screen.written = "";
    line.stop();
    line.stop();
    assertEquals([screen.written, clock.pending], ["\r\x1b[J", []]);
  });

  it("lets text be written above it", () => {
    const { screen, line } = lineOn();
    line.start();
    screen.written = "";
    line.writeAbove("Mind the gap\n");
    assertEquals(screen.written, "\r\x1b[JMind the gap\n\r\x1b[J⠙ Waiting  2:00 left");
    line.stop();
  });

  it("is always narrower than the terminal", () => {
    for (const columns of [1, 2, 5, 12, 20, 40]) {
      const { screen, line } = lineOn({ columns, label: "Waiting for a long time" });
      line.start();
      line.stop();
      const [, drawn = ""] = screen.written.split("\r\x1b[J");
      assertEquals([...drawn].length < columns || drawn === "", true, drawn);
    }
  });

  it("removes all its rows after the terminal became narrower", async () => {
    const { screen, line } = lineOn({ label: "x".repeat(50) });
    line.start();
    screen.columns = 20;
    assertStringIncludes(await nextDrawing(screen), "\x1b[3A\r\x1b[J");
    assertFalse((await nextDrawing(screen)).includes("A\r"));
    line.stop();
  });
});
