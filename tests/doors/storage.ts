/**
 * The one way for tests into `src/storage`: when its code moves, this file changes, and no test does.
 *
 * @module
 */
export {
  type BuiltInStore,
  type CredentialStore,
  isShared,
  type SharedStore,
} from "../../src/storage/store.ts";
export {
  fileStore,
  type FileStoreOptions,
  formatCredentialFile,
  parseCredentialFile,
  Turns,
} from "../../src/storage/file_store.ts";
export { fileError, removeOwnFile, setAside, systemCode, writeOwnFile } from "../../src/storage/own_file.ts";
export { decodeMessage, encodeCall, Marshalled, Unmarshalled } from "../../src/storage/keychain/dbus.ts";
export {
  createSealingKey,
  formatItem,
  type KeyCreationOptions,
  seal,
  SealingKeys,
  whileCreatingKey,
} from "../../src/storage/keychain/sealing_key.ts";
export {
  KeychainFailure,
  keychainFailure,
  type KeychainFailureReason,
  keychainItem,
} from "../../src/storage/keychain/keychain.ts";
export {
  entryContext,
  formatSealedContent,
  parseSealedContent,
  type SealedContent,
} from "../../src/storage/keychain/sealed_file.ts";
export { collectionState, readSecret } from "../../src/storage/keychain/secret_service.ts";
export {
  credentialFilePath,
  type CredentialScope,
  isWithin,
  keychainUsername,
  keyLockPath,
  parentFolder,
  sealedFilePath,
  sealedKeyIds,
} from "../../src/storage/location.ts";
export {
  answer,
  type Asked,
  askHolder,
  formatClaim,
  openBeacon,
  openPresence,
  parseClaim,
  type Presence,
  question,
} from "../../src/storage/lock/presence.ts";
export { awaitHolder } from "../../src/storage/lock/holder.ts";
export { type CredentialLock, credentialLock, startHeartbeat, tidy } from "../../src/storage/lock/lock.ts";
export { LockFolder } from "../../src/storage/lock/lock_folder.ts";
export {
  type BuiltInStoreKind,
  type BuiltInStoreOptions,
  openBuiltInStore,
  tombstone,
} from "../../src/storage/open_store.ts";
