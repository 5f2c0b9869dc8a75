import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { ProfileSelection, ResolvedConfig } from "../config.ts";
import { parseProfile, plainName } from "../resolve_config.ts";
import { ProfileFiles } from "./files.ts";

/**
 * Chooses the profile: from the environment variable, else the file in the working directory, else
 * `profiles use`.
 *
 * @param chosen The text that `profiles use` wrote; `null` if there is none.
 * @throws {ClerkCliAuthError} `config` if the variable or the file has an invalid name.
 */
export async function nameProfile(
  config: ResolvedConfig,
  runtime: Runtime,
  chosen: string | null,
): Promise<ProfileSelection> {
  const { profileEnvVar, profileFile } = config;
  const fromEnv = profileEnvVar && runtime.env(profileEnvVar)?.trim();
  if (fromEnv) return { name: plainName(parseProfile(fromEnv, profileEnvVar)), source: "env" };
  const fromFile = profileFile && await readProfileFile(runtime, profileFile);
  if (fromFile) return { name: plainName(fromFile), source: "file", path: profileFile };
  if (chosen === null) return { name: undefined, source: "default" };
  const name = await new ProfileFiles({ runtime, config }).chosen();
  return name === undefined
    ? { name: undefined, source: "default" }
    : { name: plainName(name), source: "chosen" };
}

/**
 * Reads the profile that a file in the working directory names; `undefined` if there is no file. The
 * directory may be a stranger's and the file a link to a secret or a device: never follow links, and never
 * show its content.
 *
 * @throws {ClerkCliAuthError} `config` if it is anything but a file with a valid name.
 */
async function readProfileFile({ files }: Runtime, path: string): Promise<string | undefined> {
  try {
    const found = await files.inspect(path);
    if (found === null) return undefined;
    const text = found.kind === "file" ? await files.readText(path) : null;
    if (text === "") return undefined;
    return parseProfile(text?.trim() ?? "");
  } catch {
    throw new ClerkCliAuthError("config", `${path} in this directory does not name a profile`, {
      action: "Write the name of a profile into it, or remove it",
    });
  }
}
