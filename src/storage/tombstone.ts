import type { Runtime } from "../runtime/runtime.ts";
import { fileError } from "./file_error.ts";
import type { Tombstone } from "./shared_store.ts";
import { writeAtomically } from "./write_atomically.ts";

/** The tombstone beside a credential file. */
export function tombstone(runtime: Runtime, credentialPath: string): Tombstone {
  const path = `${credentialPath}.ended`;
  const guarded = <T>(verb: string, operation: Promise<T>) =>
    operation.catch((error) => {
      throw fileError(verb, path, error);
    });
  return {
    read: async () => (await guarded("read", runtime.files.readText(path)))?.trim() ?? null,
    write: (refreshTokenHash) => guarded("write", writeAtomically(runtime, path, `${refreshTokenHash}\n`)),
  };
}
