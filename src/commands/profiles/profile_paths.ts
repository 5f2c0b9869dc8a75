import type { ResolvedConfig } from "../../client/command_access.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { baseName, credentialFilePath, parentFolder } from "../../storage/location.ts";
import { DEFAULT_PROFILE } from "./profile_name.ts";

/** Where the profile files of a configuration are: beside its credential files, under names of their own. */
export interface ProfilePaths {
  folder: string;
  /** The file that says which profile is used where nothing else says so. */
  chosen: string;
  of(name: string): string;
  /** The file with a name in the folder, where it is one of a profile, the default one aside. */
  named(fileName: string): string | undefined;
}

/** Tells where the profile files of a configuration are. */
export function profilePaths(runtime: Runtime, { clientId, environment }: ResolvedConfig): ProfilePaths {
  const beside = (path: string, fileName: string) => path.slice(0, -baseName(path).length) + fileName;
  const pathOf = (kind: string, profile?: string) => {
    const path = credentialFilePath(runtime, { application: clientId, environment, profile });
    return beside(path, baseName(path).replace(/^credentials/, kind));
  };
  const plain = pathOf("profile");
  const prefix = baseName(plain).replace(/\.json$/, "@");
  return {
    folder: parentFolder(runtime, plain),
    chosen: pathOf("chosen-profile"),
    of: (name) => name === DEFAULT_PROFILE ? plain : pathOf("profile", name),
    named: (fileName) =>
      fileName.startsWith(prefix) && fileName.endsWith(".json") ? beside(plain, fileName) : undefined,
  };
}
