/** The types of `@deno/dnt` that are used. dnt is published on JSR only, and without JSR the build does not call it. */

/** The options of {@linkcode build} that tests inspect. dnt itself checks the others. */
export interface BuildOptions {
  entryPoints: { name: string; path: string }[];
  [option: string]: unknown;
}

/** Always fails: without JSR there is no dnt. */
export function build(_options: BuildOptions): Promise<void> {
  return Promise.reject(new Error("Cannot build with dnt as JSR, which it comes from, is out of reach"));
}
