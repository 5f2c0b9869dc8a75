/**
 * Everything that tests import from `src/testing`: when code moves, only this file changes.
 *
 * @module
 */
export { type OpenStore, STORE_CONTRACT } from "../../src/testing/contracts/store_contract.ts";
export { STORE_LOCK_CONTRACT } from "../../src/testing/contracts/store_lock_contract.ts";
export { createSigningKey } from "../../src/testing/instance.ts";
