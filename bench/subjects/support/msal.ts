/** MSAL with its extensions, as their documentation has it. */
import { type Configuration, PublicClientApplication } from "npm:@azure/msal-node@7.2.3";
import {
  FilePersistence,
  type IPersistence,
  LibSecretPersistence,
  PersistenceCachePlugin,
} from "npm:@azure/msal-node-extensions@5.6.1";

/** Where MSAL keeps the tokens of whom. */
export interface MsalPlace {
  configuration: Configuration;
  storage: "file" | "keychain";
  /** The file of the tokens; with a keychain, that of the lock. */
  path: string;
  /** The name of the item in the keychain. */
  service: string;
}

/** A client whose tokens are kept. */
export async function openMsal(place: MsalPlace): Promise<PublicClientApplication> {
  const cachePlugin = new PersistenceCachePlugin(await openPersistence(place));
  return new PublicClientApplication({ ...place.configuration, cache: { cachePlugin } });
}

/** What keeps them. */
export function openPersistence(
  { storage, path, service }: Omit<MsalPlace, "configuration">,
): Promise<IPersistence> {
  return storage === "file"
    ? FilePersistence.create(path)
    : LibSecretPersistence.create(path, service, "tokens");
}
