/**
 * The one way for tests into `src/runtime/deno`, which only Deno can load.
 *
 * @module
 */
export { interrupt, onInterrupt } from "../../src/runtime/deno/interrupt.ts";
