/** MSAL with its extensions, as in their documentation. */
import { PublicClientApplication } from "npm:@azure/msal-node@7.2.3";
import {
  FilePersistence,
  type IPersistence,
  LibSecretPersistence,
  PersistenceCachePlugin,
} from "npm:@azure/msal-node-extensions@5.6.1";
import type { MsalPlace } from "../../sessions.ts";

export async function openMsal(place: MsalPlace): Promise<PublicClientApplication> {
  const cachePlugin = new PersistenceCachePlugin(await openPersistence(place));
  return new PublicClientApplication({ ...place.configuration, cache: { cachePlugin } });
}

export function openPersistence(
  { storage, path, service }: Omit<MsalPlace, "configuration">,
): Promise<IPersistence> {
  return storage === "file"
    ? FilePersistence.create(path)
    : LibSecretPersistence.create(path, service, "tokens");
}
