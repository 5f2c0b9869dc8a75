import { openPersistence, type PersistencePlace } from "../support/msal_persistence.ts";
import { type Operations, VALUE } from "./operations.ts";

/** What the extensions of MSAL keep the tokens in. */
export async function msalStore(
  storage: PersistencePlace["storage"],
  path: string,
): Promise<Operations> {
  const persistence = await openPersistence({ storage, path, service: "benchmark" });
  return {
    set: () => persistence.save(VALUE),
    get: () => persistence.load(),
    delete: () => persistence.delete(),
  };
}
