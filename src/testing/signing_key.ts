import { encodeBase64Url } from "../core/base64url.ts";

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

/** The key that an instance signs with. */
export interface SigningKey {
  /** The public key as a JSON Web Key (RFC 7517) with its `kid`. */
  readonly publicJwk: Record<string, unknown>;
  /** Signs a JWT (RFC 7519) with RS256. The header is completed with `alg` and `kid`. */
  sign(claims: Record<string, unknown>, header: Record<string, unknown>): Promise<string>;
}

/** Whose key pair an instance signs with: the one that this process makes once, or its own. */
export type KeyPairOwner = "process" | "instance";

let sharedPair: Promise<CryptoKeyPair> | undefined;

/**
 * Makes a signing key with the given `kid`. Generating an RSA key pair takes longer than everything else that an
 * emulator does, so all instances of a process share one unless an instance asks for its own.
 */
export async function createSigningKey(kid: string, owner: KeyPairOwner = "process"): Promise<SigningKey> {
  const { privateKey, publicKey } =
    await (owner === "process" ? sharedPair ??= generatePair() : generatePair());
  const { n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  return {
    publicJwk: { kty: "RSA", use: "sig", alg: "RS256", kid, n, e },
    async sign(claims, header) {
      const input = `${encodeJson({ alg: "RS256", kid, ...header })}.${encodeJson(claims)}`;
      const signature = await crypto.subtle.sign(ALGORITHM.name, privateKey, new TextEncoder().encode(input));
      return `${input}.${encodeBase64Url(new Uint8Array(signature))}`;
    },
  };
}

function generatePair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function encodeJson(value: Record<string, unknown>): string {
  return encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
}
