import type { ChildProcess } from "node:child_process";

/** Waits for a process to end; gives its exit code and everything that it wrote. */
export function ended(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = "";
  child.stdout?.on("data", (chunk) => text += chunk);
  child.stderr?.on("data", (chunk) => text += chunk);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, text }));
  });
}
