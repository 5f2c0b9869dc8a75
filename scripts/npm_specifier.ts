/** The parts of an `npm:` specifier. */
export interface NpmSpecifier {
  name: string;
  range: string;
  /** The path inside the package with its leading slash, or an empty string. */
  subpath: string;
}

/** Splits a specifier such as `npm:@scope/name@^1.2.0/sub/path`; throws if it has no version. */
export function splitNpmSpecifier(specifier: string): NpmSpecifier {
  const [, name, range, subpath = ""] = /^npm:((?:@[^/@]+\/)?[^/@]+)@([^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (name === undefined || range === undefined) {
    throw new Error(`Cannot read '${specifier}': it must name a version`);
  }
  return { name, range, subpath };
}
