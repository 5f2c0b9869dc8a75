import process from "node:process";

/** Says that this process is ready, and waits until all of them are to begin. */
export function waitForStart(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once("data", () => {
      process.stdin.pause();
      resolve();
    });
    process.stdout.write("ready\n");
  });
}
