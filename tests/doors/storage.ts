/**
 * The one way for tests into `src/storage`: when its code moves, this file changes, and no test does.
 *
 * @module
 */
export type { BuiltInStore } from "../../src/storage/built_in_store.ts";
export { formatCredentialFile, parseCredentialFile } from "../../src/storage/credential_file.ts";
export type { CredentialStore } from "../../src/storage/credential_store.ts";
export { fileError, systemCode } from "../../src/storage/file_error.ts";
export { fileStore, type FileStoreOptions } from "../../src/storage/file_store.ts";
export { Marshalled } from "../../src/storage/keychain/dbus/marshalled.ts";
export { decodeMessage, encodeCall } from "../../src/storage/keychain/dbus/message.ts";
export { Unmarshalled } from "../../src/storage/keychain/dbus/unmarshalled.ts";
export { type KeyCreationOptions, whileCreatingKey } from "../../src/storage/keychain/key_creation.ts";
export {
  KeychainFailure,
  keychainFailure,
  type KeychainFailureReason,
} from "../../src/storage/keychain/keychain_failure.ts";
export { keychainItem } from "../../src/storage/keychain/keychain_item.ts";
export { seal } from "../../src/storage/keychain/seal.ts";
export {
  entryContext,
  formatSealedContent,
  parseSealedContent,
  type SealedContent,
} from "../../src/storage/keychain/sealed_content.ts";
export { createSealingKey, formatItem } from "../../src/storage/keychain/sealing_key.ts";
export { SealingKeys } from "../../src/storage/keychain/sealing_keys.ts";
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
export { type Asked, askHolder } from "../../src/storage/lock/ask_holder.ts";
export { awaitHolder } from "../../src/storage/lock/await_holder.ts";
export { answer, openBeacon, question } from "../../src/storage/lock/beacon.ts";
export { formatClaim, parseClaim } from "../../src/storage/lock/claim.ts";
export { type CredentialLock, credentialLock } from "../../src/storage/lock/credential_lock.ts";
export { startHeartbeat } from "../../src/storage/lock/heartbeat.ts";
export { LockFolder } from "../../src/storage/lock/lock_folder.ts";
export { openPresence, type Presence } from "../../src/storage/lock/presence.ts";
export { tidy } from "../../src/storage/lock/tidy.ts";
export {
  type BuiltInStoreKind,
  type BuiltInStoreOptions,
  openBuiltInStore,
} from "../../src/storage/open_built_in_store.ts";
export { removeOwnFile } from "../../src/storage/remove_own_file.ts";
export { setAside } from "../../src/storage/set_aside.ts";
export { isShared, type SharedStore } from "../../src/storage/shared_store.ts";
export { tombstone } from "../../src/storage/tombstone.ts";
export { Turns } from "../../src/storage/turns.ts";
export { writeOwnFile } from "../../src/storage/write_own_file.ts";
