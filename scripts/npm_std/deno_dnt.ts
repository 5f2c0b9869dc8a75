/**
 * The part of `@deno/dnt` that is used, as types alone: dnt is published on JSR only, and where JSR cannot be reached the build
 * does not call it.
 */

/** The options of {@linkcode build} that tests look at; dnt itself checks the others. */
export interface BuildOptions {
  entryPoints: { name: string; path: string }[];
  [option: string]: unknown;
}

/** Never works: without JSR there is no dnt. */
export function build(_options: BuildOptions): Promise<void> {
  return Promise.reject(new Error("Cannot build with dnt as JSR, which it comes from, is out of reach"));
}
