/** The pairs that were generated, in the order in which tests ask for them. */
const pairs: Promise<CryptoKeyPair>[] = [];

/**
 * Has emulators that sign with a key pair of their own get the pairs of the test before, as generating one takes longer than
 * everything else. Those of one test still differ.
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
