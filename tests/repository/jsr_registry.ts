import { createHash } from "node:crypto";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { wrapperOf } from "../../scripts/npm_config.ts";
import { listFiles } from "./npm_package/package_files.ts";

/** A JSR registry on loopback. */
export interface JsrRegistry {
  url: string;
  close(): Promise<void>;
}

/** A package's files by path, and its exports. */
export interface JsrPackage {
  version: string;
  files: Map<string, Uint8Array>;
  exports: Record<string, string>;
}

/**
 * Serves packages in the layout of JSR's registry: the metadata of a package, the manifest of a version, its files.
 * This tests resolution by JSR even if JSR itself cannot be reached.
 *
 * @param packages The packages by their names.
 * @returns The registry.
 * @see https://jsr.io/docs/api
 */
export function serveJsrRegistry(packages: ReadonlyMap<string, JsrPackage>): JsrRegistry {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const [, name = "", path = ""] = /^\/(@[^/]+\/[^/]+)\/(.*)$/.exec(new URL(request.url).pathname) ?? [];
    const found = packages.get(name);
    return (found && answer(found, { name, path })) ?? new Response(null, { status: 404 });
  });
  return { url: `http://127.0.0.1:${server.addr.port}/`, close: () => server.shutdown() };
}

function answer(
  { version, files, exports }: JsrPackage,
  { name, path }: { name: string; path: string },
): Response | undefined {
  if (path === "meta.json") {
    const [scope = "", shortName = ""] = name.slice(1).split("/");
    return Response.json({ scope, name: shortName, latest: version, versions: { [version]: {} } });
  }
  if (path === `${version}_meta.json`) {
    const manifest = [...files].map((
      [file, bytes],
    ) => [file, { size: bytes.length, checksum: checksum(bytes) }]);
    return Response.json({ manifest: Object.fromEntries(manifest), exports });
  }
  const bytes = files.get(path.slice(version.length));
  const type = path.endsWith(".js") ? "text/javascript" : "text/typescript";
  return bytes && new Response(bytes.slice(), { headers: { "content-type": type } });
}

function checksum(bytes: Uint8Array): string {
  return `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
}

/**
 * The JSR packages that this repository imports, with the wrappers as their content.
 *
 * @param versions The version of each package.
 * @returns The packages by their names.
 */
export async function readImportedPackages(
  versions: Readonly<Record<string, string>>,
): Promise<Map<string, JsrPackage>> {
  const packages = new Map<string, JsrPackage>();
  const { imports } = await readDenoConfig();
  for (const [specifier, target] of Object.entries(imports)) {
    if (!target.startsWith("jsr:")) continue;
    const wrapper = wrapperOf(specifier);
    const [, name = "", subpath = ""] = /^(@[^/]+\/[^/]+)(.*)$/.exec(specifier) ?? [];
    const found: JsrPackage = packages.get(name) ??
      { version: versions[name] ?? "", files: new Map(), exports: {} };
    const file = `/${wrapper.slice(wrapper.lastIndexOf("/") + 1)}`;
    found.files.set(file, await Deno.readFile(new URL(wrapper, ROOT)));
    found.exports[`.${subpath}`] = `.${file}`;
    packages.set(name, found);
  }
  return packages;
}

/**
 * A package as it is published.
 *
 * @param folder The folder with its `deno.json`.
 * @returns The package.
 */
export async function readBuiltPackage(folder: URL): Promise<JsrPackage> {
  const { version, exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", folder)));
  const paths = await listFiles(folder, /(?:)/);
  const files = paths.map(async (path) =>
    [`/${path}`, await Deno.readFile(new URL(path, folder))] as [string, Uint8Array]
  );
  return { version, exports, files: new Map(await Promise.all(files)) };
}
