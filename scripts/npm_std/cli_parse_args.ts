/** `@std/cli/parse-args` from the npm registry, with types. */
import * as cli from "npm:deno-std@1.4.0/cli/parse_args.js";

/** How arguments are taken apart: the part of the options that is used. */
export interface ParseOptions {
  /** The flags without a value. */
  boolean?: readonly string[];
  /** The flags with a value. */
  string?: readonly string[];
  /** The flags that may come more than once. */
  collect?: readonly string[];
  /** The flags that `--no-…` turns off. */
  negatable?: readonly string[];
  /** Other names of flags. */
  alias?: Record<string, string | readonly string[]>;
  /** The values of flags that were not given. */
  default?: Record<string, unknown>;
  /** Whether everything from the first argument that is no flag on is left as it is. */
  stopEarly?: boolean;
  /** Hears of an argument that is no known flag; `false` leaves it out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The flags by name; `_` has what is none. */
export interface ParsedArgs {
  _: (string | number)[];
  [flag: string]: unknown;
}

/** Takes the arguments of a program apart. */
export const parseArgs: (args: string[], options?: ParseOptions) => ParsedArgs = cli.parseArgs;
