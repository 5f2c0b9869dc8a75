import type { DenoConfig } from "../deno_config.ts";

/** What both ways of compiling are given. They leave `esm/**` in the work folder, `.js` beside `.d.ts`. */
export interface CompileOptions {
  /** The configuration in use. */
  config: DenoConfig;
  /** The root folder of the repository. */
  root: URL;
  /** The folder to work in. */
  work: URL;
}
