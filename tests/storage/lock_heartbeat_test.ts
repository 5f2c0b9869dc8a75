import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startHeartbeat } from "../doors/storage.ts";
import { hurried } from "../harness/hurried.ts";

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe("startHeartbeat()", () => {
  it("beats with a counter that goes on, whatever fails, until it is stopped", async () => {
    const beats: number[] = [];
    const stop = await hurried(async () => {
      const stop = startHeartbeat((counter) => {
        beats.push(counter);
        return counter === 1 ? Promise.reject(new Error("The disk is full")) : Promise.resolve();
      });
      while (beats.length < 3) await pause(1);
      return stop;
    });
    await stop();
    const { length } = beats;
    await pause(20);
    assertEquals(beats, Array.from({ length }, (_, index) => index + 1));
  });

  it("does not beat for a task that is done at once", async () => {
    let beats = 0;
    const stop = startHeartbeat(() => Promise.resolve(void beats++));
    await pause(20);
    await stop();
    assertEquals(beats, 0);
  });

  it("is stopped when no beat is under way, and beats once at a time", async () => {
    let [running, most, begun] = [0, 0, 0];
    await hurried(async () => {
      const stop = startHeartbeat(async () => {
        begun++;
        most = Math.max(most, ++running);
        await pause(3_000);
        running--;
      });
      while (begun < 2) await pause(1);
      await stop();
    });
    assertEquals([running, most], [0, 1]);
  });
});
