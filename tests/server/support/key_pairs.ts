/** The pairs that were generated, in the order in which tests ask for them. */
const pairs: Promise<CryptoKeyPair>[] = [];

/**
 * Lets emulators with their own key pair reuse the pairs of earlier tests, because generating one takes longer than
 * everything else. Those in the same test still differ.
 *
 * @returns Ends it.
 */
export function reuseKeyPairs(): () => void {
  const { subtle } = crypto;
  const { generateKey } = subtle;
  let next = 0;
  const reuse = (...args: Parameters<typeof generateKey>) =>
    pairs[next++] ??= generateKey.apply(subtle, args) as Promise<CryptoKeyPair>;
  Object.defineProperty(subtle, "generateKey", { value: reuse, configurable: true, writable: true });
  return () => void Reflect.deleteProperty(subtle, "generateKey");
}
