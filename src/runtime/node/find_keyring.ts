import { builtin, process } from "./builtins.ts";

const PACKAGE = "@napi-rs/keyring";

/** What the binding's loader appends to the platform and processor in the package names it tries. */
const SUFFIXES = ["", "-gnu", "-gnueabihf", "-musl", "-musleabihf", "-msvc"];

interface Require {
  (specifier: string): unknown;
  resolve(specifier: string): string;
}

interface Stats {
  readonly mode: number;
  readonly uid: number;
}

interface FileSystem {
  existsSync(path: string): boolean;
  lstatSync(path: string): Stats;
  realpathSync: { native(path: string): string };
}

/**
 * Finds the binding's path by Node's rules, which go up through the `node_modules` of all directories above; another
 * user may own some of them. `undefined` if there is none.
 *
 * @throws {Error} `UNTRUSTED` if someone else could have put it, or a part of it, there.
 */
export function findKeyring(): string | undefined {
  if (/\$bunfs|~BUN/.test(import.meta.url)) return undefined; // Compiled by Bun: only an import finds what is inside.
  const path = resolveFrom(import.meta.url, PACKAGE);
  if (path === undefined) return undefined;
  const parts = partNames().map((name) => resolveFrom(path, name)).filter((part) => part !== undefined);
  const foreign = [path, ...parts].find((file) => !isTrusted(file));
  if (foreign === undefined) return path;
  throw Object.assign(
    new Error(`${foreign} is not used: it is outside the installation and others can write to it`),
    { code: "UNTRUSTED" },
  );
}

/** Returns `require` as it works in a file. */
export function requireFrom(file: string): Require {
  return builtin<{ createRequire(from: string): Require }>("node:module").createRequire(file);
}

function resolveFrom(file: string, specifier: string): string | undefined {
  try {
    return requireFrom(file).resolve(specifier);
  } catch {
    return undefined;
  }
}

/** Names of the packages with native code that the loader may use, all found in the same way. */
function partNames(): string[] {
  const { platform, arch } = process;
  return [...SUFFIXES.map((suffix) => `${platform}-${arch}${suffix}`), `${platform}-universal`, "wasm32-wasi"]
    .map((name) => `${PACKAGE}-${name}`);
}

function isTrusted(file: string): boolean {
  const { fileURLToPath } = builtin<{ fileURLToPath(url: string): string }>("node:url");
  const isIn = (directory: string | undefined) => directory !== undefined && file.startsWith(directory);
  // Modules already have real paths. For our own installation nothing is read, which Deno would have to permit.
  if (isIn(nodeModulesAround(fileURLToPath(import.meta.url)))) return true;
  const program = process.argv[1];
  if (program !== undefined && isIn(installationOf(program))) return true;
  const { realpathSync } = builtin<FileSystem>("node:fs");
  return process.platform !== "win32" && everyPathTo(realpathSync.native(file)).every(isOutOfReach);
}

/** Finds the outermost `node_modules` that a file is in. */
function nodeModulesAround(path: string): string | undefined {
  const { sep } = builtin<{ sep: string }>("node:path");
  const name = `${sep}node_modules${sep}`;
  const start = path.indexOf(name);
  return start < 0 ? undefined : path.slice(0, start) + name;
}

/**
 * Finds the outermost `node_modules` that a program is in; otherwise the one next to the nearest `package.json`, if
 * that directory and the program have the same owner.
 */
function installationOf(program: string): string | undefined {
  const { existsSync, lstatSync, realpathSync } = builtin<FileSystem>("node:fs");
  if (!existsSync(program)) return undefined;
  const path = realpathSync.native(program);
  const around = nodeModulesAround(path);
  if (around !== undefined) return around;
  const { sep } = builtin<{ sep: string }>("node:path");
  const home = everyPathTo(path).reverse().find((directory) => existsSync(`${directory}${sep}package.json`));
  const isOurs = home !== undefined && lstatSync(home).uid === lstatSync(path).uid;
  return isOurs ? `${home}${sep}node_modules${sep}` : undefined;
}

/** Lists a path and all directories above it, from the root. */
function everyPathTo(path: string): string[] {
  const { dirname } = builtin<{ dirname(path: string): string }>("node:path");
  const parent = dirname(path);
  return parent === path ? [path] : [...everyPathTo(parent), path];
}

/** Whether only we and root can change what is at a path. */
function isOutOfReach(path: string): boolean {
  const { mode, uid } = builtin<FileSystem>("node:fs").lstatSync(path);
  const isShared = (mode & 0o022) !== 0;
  const isSticky = (mode & 0o1000) !== 0;
  return (uid === 0 || uid === process.getuid?.()) && (!isShared || (isSticky && uid === 0));
}
