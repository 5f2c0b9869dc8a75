/**
 * The one way for tests into `src/testing`: when its code moves, this file changes, and no test does.
 *
 * @module
 */
export { type OpenStore, STORE_CONTRACT } from "../../src/testing/contracts/store_contract.ts";
export { STORE_LOCK_CONTRACT } from "../../src/testing/contracts/store_lock_contract.ts";
export { createSigningKey } from "../../src/testing/instance.ts";
