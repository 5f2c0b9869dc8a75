import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { ProfileSelection, ResolvedConfig } from "../config.ts";
import { parseProfile, plainName } from "../resolve_config.ts";
import { ProfileFiles } from "./files.ts";

/**
 * Names the profile: by the environment variable, else the file in the working directory, else `profiles use`.
 *
 * @param chosen The text that `profiles use` wrote down; `null` if it did not.
 * @throws {ClerkCliAuthError} `config` if one of them is there and names no profile.
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
 * The profile that a file in the working directory names; `undefined` if there is no file. The directory may be a
 * stranger's, and the file a link to a secret or a device: links are not followed, and anything but a name is not shown.
 *
 * @throws {ClerkCliAuthError} `config` if there is anything other than a file with a name in it.
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
