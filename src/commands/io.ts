import type { Runtime } from "../runtime/runtime.ts";

/** Where a command writes to. */
export interface OutputStream {
  /** Takes text as it is. */
  write(text: string): unknown;
  /**
   * Whether a person sees it.
   * @default false
   */
  readonly isTerminal?: boolean;
}

/** Where a command reads from. */
export interface InputStream {
  /** Reads one line, without its ending; `null` at the end. With `hidden` a terminal shows nothing of what is typed. */
  readLine(options?: { hidden?: boolean }): Promise<string | null>;
  /**
   * Whether a person types there.
   * @default false
   */
  readonly isTerminal?: boolean;
}

/** The streams of a command. Those that are not given are the standard streams of the process. */
export interface CommandIo {
  /** Gets the data that was asked for, and nothing else. */
  stdout?: OutputStream;
  /** Gets everything that is for people. */
  stderr?: OutputStream;
  /** Is read where a flag says so, or a person is asked. */
  stdin?: InputStream;
}

/** The streams, complete. */
export type ResolvedIo = Required<CommandIo>;

/** Fills in the standard streams of the process. */
export function resolveIo(io: CommandIo, { terminal }: Runtime): ResolvedIo {
  return {
    stdout: io.stdout ?? standardOutput("stdout"),
    stderr: io.stderr ?? standardOutput("stderr"),
    stdin: io.stdin ?? {
      readLine: (options) => terminal.readLine(options),
      isTerminal: terminal.isInteractive("stdin"),
    },
  };

  function standardOutput(stream: "stdout" | "stderr"): OutputStream {
    return { write: (text) => terminal.write(text, stream), isTerminal: terminal.isInteractive(stream) };
  }
}
