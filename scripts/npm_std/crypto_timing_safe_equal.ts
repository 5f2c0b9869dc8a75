/** `@std/crypto/timing-safe-equal` from the npm registry, with types. */
import { timingSafeEqual as compare } from "npm:deno-std@1.4.0/crypto/timing_safe_equal.js";

type Bytes = ArrayBufferView | ArrayBufferLike | DataView;

/** Compares two buffers of the same length in constant time. */
export const timingSafeEqual: (a: Bytes, b: Bytes) => boolean = compare;
