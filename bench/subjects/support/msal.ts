/** MSAL with its extensions, as their documentation has it. */
import { type Configuration, PublicClientApplication } from "npm:@azure/msal-node@7.2.3";
import { PersistenceCachePlugin } from "npm:@azure/msal-node-extensions@5.6.1";
import { openPersistence, type PersistencePlace } from "./msal_persistence.ts";

/** Where MSAL keeps the tokens of whom. */
export interface MsalPlace extends PersistencePlace {
  configuration: Configuration;
}

/** A client whose tokens are kept. */
export async function openMsal(place: MsalPlace): Promise<PublicClientApplication> {
  const cachePlugin = new PersistenceCachePlugin(await openPersistence(place));
  return new PublicClientApplication({ ...place.configuration, cache: { cachePlugin } });
}
