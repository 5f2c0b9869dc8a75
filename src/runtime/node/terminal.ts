import type { LineSource } from "../read_line.ts";
import type { Terminal } from "../runtime.ts";
import { builtin, process } from "./builtins.ts";

interface FileSystem {
  writeSync(file: number, bytes: Uint8Array, offset: number): number;
}

const FILE_DESCRIPTOR = { stdin: 0, stdout: 1, stderr: 2 };

export const terminal: Terminal = {
  isInteractive,
  columns: () => process.stderr.columns || 80,
  write,
  readLine: async (options) => (await import("../read_line.ts")).readLine(standardInput(), options),
};

function isInteractive(stream: "stdin" | "stdout" | "stderr"): boolean {
  return builtin<{ isatty(file: number): boolean }>("node:tty").isatty(FILE_DESCRIPTOR[stream]);
}

function write(text: string, stream: "stdout" | "stderr" = "stderr"): void {
  if (process.platform === "win32" && isInteractive(stream)) {
    process[stream].write(text); // A Windows console would read bytes in its own code page.
    return;
  }
  const fs = builtin<FileSystem>("node:fs");
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    try {
      written += fs.writeSync(FILE_DESCRIPTOR[stream], bytes, written);
    } catch (error) {
      // EAGAIN: the pipe is full for now. Otherwise nobody reads from us any more, which is not our failure.
      if ((error as { code?: string }).code !== "EAGAIN") return;
    }
  }
}

function standardInput(): LineSource {
  const { stdin } = process;
  return {
    stdin,
    setRaw: (raw) => stdin.setRawMode?.(raw),
    interrupt() {
      if (process.emit("SIGINT", "SIGINT")) return;
      stdin.setRawMode?.(false);
      process.kill(process.pid, "SIGINT");
    },
  };
}
