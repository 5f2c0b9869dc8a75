import { ClerkCliAuthError } from "../core/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** What one set of credentials belongs to: each combination has a file of its own. */
export interface CredentialScope {
  /** The OAuth client, or another name of the application. */
  application: string;
  environment: string;
  profile?: string | undefined;
}

/** The file that holds the credentials of a scope. */
export function credentialFilePath(
  runtime: Runtime,
  { application, environment, profile }: CredentialScope,
): string {
  const name = ["credentials", fileName(environment), ...(profile ? [fileName(profile)] : [])].join("@");
  return [configFolder(runtime), "clerk-cli-auth", folderName(application), `${name}.json`]
    .join(separator(runtime));
}

/** The folder of a file, by the runtime's separator. */
export function parentFolder(runtime: Runtime, path: string): string {
  const end = Math.max(path.lastIndexOf("/"), runtime.platform === "windows" ? path.lastIndexOf("\\") : -1);
  return end > 0 ? path.slice(0, end) : end === 0 ? "/" : ".";
}

/** `XDG_CONFIG_HOME` or `~/.config`; on Windows `%LOCALAPPDATA%`. */
function configFolder(runtime: Runtime): string {
  const home = runtime.homeFolder();
  const folder = runtime.platform === "windows"
    ? runtime.env("LOCALAPPDATA") ?? (home && `${home}\\AppData\\Local`)
    : absolute(runtime.env("XDG_CONFIG_HOME")) ?? (home && `${home}/.config`);
  if (folder) return folder;
  throw new ClerkCliAuthError("storage", "Cannot tell where to keep credentials: there is no home folder", {
    action: "Set HOME, or XDG_CONFIG_HOME to a folder of yours",
  });
}

/** The XDG base directory specification has relative paths ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") ? path : undefined;
}

function separator(runtime: Runtime): string {
  return runtime.platform === "windows" ? "\\" : "/";
}

/** Percent-encodes what could mean something to a file system. */
function folderName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/gu, percentEncode);
}

/** The same, capitals included: some file systems do not tell them from small letters. */
function fileName(name: string): string {
  return name.replaceAll(/[^a-z0-9_-]/gu, percentEncode);
}

function percentEncode(character: string): string {
  return Array.from(new TextEncoder().encode(character), (byte) => `%${byte.toString(16).padStart(2, "0")}`)
    .join("");
}
