import {
  FilePersistence,
  type IPersistence,
  LibSecretPersistence,
} from "npm:@azure/msal-node-extensions@5.6.1";

/** Where the extensions of MSAL keep something. */
export interface PersistencePlace {
  storage: "file" | "keychain";
  /** The file; with a keychain, that of the lock. */
  path: string;
  /** The name of the item in the keychain. */
  service: string;
}

/** What keeps it. */
export function openPersistence({ storage, path, service }: PersistencePlace): Promise<IPersistence> {
  return storage === "file"
    ? FilePersistence.create(path)
    : LibSecretPersistence.create(path, service, "tokens");
}
