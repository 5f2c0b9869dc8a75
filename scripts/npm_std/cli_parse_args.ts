/** `@std/cli/parse-args` from the npm registry, with types. */
import * as cli from "npm:deno-std@1.4.0/cli/parse_args.js";

/** The options of `parseArgs` that are used. */
export interface ParseOptions {
  /** Flags without a value. */
  boolean?: readonly string[];
  /** Flags with a value. */
  string?: readonly string[];
  /** Flags that may be repeated. */
  collect?: readonly string[];
  /** Flags that `--no-…` turns off. */
  negatable?: readonly string[];
  /** Other names of flags. */
  alias?: Record<string, string | readonly string[]>;
  /** Values of absent flags. */
  default?: Record<string, unknown>;
  /** Whether to leave everything from the first non-flag argument on as it is. */
  stopEarly?: boolean;
  /** Called with an argument that is no known flag; `false` drops it. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Flags by name; `_` has everything else. */
export interface ParsedArgs {
  _: (string | number)[];
  [flag: string]: unknown;
}

/** Parses the arguments of a program. */
export const parseArgs: (args: string[], options?: ParseOptions) => ParsedArgs = cli.parseArgs;
