import { timingSafeEqual } from "@std/crypto/timing-safe-equal";

/** Compares a secret with what was given for it in constant time; only the lengths are compared before. */
export function isSameText(given: string, secret: string): boolean {
  const encoder = new TextEncoder();
  const [first, second] = [encoder.encode(given), encoder.encode(secret)];
  return first.byteLength === second.byteLength && timingSafeEqual(first, second);
}
