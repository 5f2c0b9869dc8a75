import { ClerkCliAuthError } from "../core/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";

const PLAIN = ".json";
const SEALED = ".sealed";

/** What credentials belong to. Each combination has its own file. */
export interface CredentialScope {
  /** OAuth client ID, or another name of the application. */
  application: string;
  environment: string;
  profile?: string | undefined;
}

export function credentialFilePath(
  runtime: Runtime,
  { application, environment, profile }: CredentialScope,
): string {
  const name = ["credentials", fileName(environment), ...(profile ? [fileName(profile)] : [])].join("@");
  const below = ["clerk-cli-auth", fileName(application), `${name}${PLAIN}`].join(separator(runtime));
  return belowConfigDirectory(runtime, below);
}

/** What names the kind of a file in the path of a credential file. Replaced, it gives another file of the same scope. */
export const FILE_KIND: RegExp = /credentials(?=@[^/\\]*$)/;

/** Finds the stored profiles among the names in the directory of the default profile's credential file. */
export function storedProfiles(credentialPath: string, names: readonly string[]): string[] {
  const start = `${baseName(stem(credentialPath))}@`;
  const found = names
    .filter((name) => name.startsWith(start) && (name.endsWith(PLAIN) || name.endsWith(SEALED)))
    .map((name) => decodeURIComponent(name.slice(start.length).replace(/\..*$/, "")));
  return [...new Set(found)];
}

/** User name of a scope's keychain item. All its profiles share one key. */
export function keychainUsername({ application, environment }: CredentialScope): string {
  return [application, environment].map((name) => name.replaceAll(/[%@]/g, percentEncode)).join("@");
}

/** Names the lock for creating that key, next to the credential files. */
export function keyLockPath(runtime: Runtime, credentialPath: string, username: string): string {
  return [parentDirectory(runtime, credentialPath), `keychain@${fileName(username)}`].join(
    separator(runtime),
  );
}

export function parentDirectory(runtime: Runtime, path: string): string {
  const end = Math.max(path.lastIndexOf("/"), runtime.platform === "windows" ? path.lastIndexOf("\\") : -1);
  return end > 0 ? path.slice(0, end) : end === 0 ? "/" : ".";
}

export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Path of the file next to a credential file with the same credentials, sealed with a key. */
export function sealedFilePath(credentialPath: string, keyId: string): string {
  return `${stem(credentialPath)}.${keyId}${SEALED}`;
}

/** Key ids of the sealed files, given the names in a credential file's directory. */
export function sealedKeyIds(credentialPath: string, names: readonly string[]): string[] {
  const start = `${baseName(stem(credentialPath))}.`;
  return names
    .filter((name) => name.startsWith(start) && name.endsWith(SEALED))
    .map((name) => name.slice(start.length, -SEALED.length))
    .filter((id) => /^[0-9a-f]{16}$/.test(id));
}

/** Whether a path is inside a directory. Both are real paths. */
export function isWithin(runtime: Runtime, directory: string, path: string): boolean {
  const slash = separator(runtime);
  return path.startsWith(directory.endsWith(slash) ? directory : directory + slash);
}

/** Returns a path under `XDG_CONFIG_HOME` or `~/.config`; on Windows under `%LOCALAPPDATA%`. */
function belowConfigDirectory(runtime: Runtime, path: string): string {
  const isWindows = runtime.platform === "windows";
  const slash = separator(runtime);
  const chosen = runtime.env(isWindows ? "LOCALAPPDATA" : "XDG_CONFIG_HOME");
  // The XDG Base Directory Specification says to ignore relative paths.
  if (chosen && (isWindows || chosen.startsWith("/"))) return chosen + slash + path;
  const home = runtime.homeDirectory();
  if (home) return [home, isWindows ? "AppData\\Local" : ".config", path].join(slash);
  throw new ClerkCliAuthError(
    "storage",
    "Cannot tell where to keep credentials: there is no home directory",
    {
      action: "Set HOME, or XDG_CONFIG_HOME to a directory of yours",
    },
  );
}

function stem(credentialPath: string): string {
  return credentialPath.endsWith(PLAIN) ? credentialPath.slice(0, -PLAIN.length) : credentialPath;
}

function separator(runtime: Runtime): string {
  return runtime.platform === "windows" ? "\\" : "/";
}

/** Percent-encodes what could be special to a file system, and capitals, as some file systems ignore case. */
function fileName(name: string): string {
  return name.replaceAll(/[^a-z0-9_-]/gu, percentEncode);
}

function percentEncode(character: string): string {
  return Array.from(new TextEncoder().encode(character), (byte) => `%${byte.toString(16).padStart(2, "0")}`)
    .join("");
}
