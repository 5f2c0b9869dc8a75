/**
 * Everything that tests import from `src/storage`: when code moves, only this file changes.
 *
 * @module
 */
export { customStore } from "../../src/storage/custom_store.ts";
export type {
  ClientStore,
  CredentialStore,
  CrossProcess,
  Held,
  LogoutNotice,
} from "../../src/storage/store.ts";
export {
  fileStore,
  type FileStoreOptions,
  formatCredentialFile,
  parseCredentialFile,
  Turns,
} from "../../src/storage/file_store.ts";
export { seal } from "../../src/core/sealing.ts";
export { fileError, removeOwnFile, systemCode, writeOwnFile } from "../../src/storage/own_file.ts";
export { decodeMessage, encodeCall, Marshalled, Unmarshalled } from "../../src/storage/keychain/dbus.ts";
export {
  createSealingKey,
  formatItem,
  type KeyCreationOptions,
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
  parentDirectory,
  sealedFilePath,
  sealedKeyIds,
} from "../../src/storage/location.ts";
export {
  answer,
  openBeacon,
  openPresence,
  parseClaim,
  type Presence,
  question,
} from "../../src/storage/lock/presence.ts";
export { type Asked, askHolder, awaitHolder } from "../../src/storage/lock/holder.ts";
export { type CredentialLock, credentialLock, startHeartbeat, tidy } from "../../src/storage/lock/lock.ts";
export { LockDirectory } from "../../src/storage/lock/lock_directory.ts";
export {
  type BuiltInStoreKind,
  type BuiltInStoreOptions,
  logoutNotice,
  openBuiltInStore,
} from "../../src/storage/open_store.ts";
