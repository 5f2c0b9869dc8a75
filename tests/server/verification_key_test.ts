import { assert, assertEquals, assertMatch } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { encodeBase64Url } from "../doors/core.ts";
import { hasValidSignature, keyOfJwk, keyOfPem, type VerificationKey } from "../doors/server.ts";

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const SIGNED = "e30.e30";

describe("a key that JWTs are verified with", () => {
  let jwk: JsonWebKey;
  let key: VerificationKey;
  let signature: string;

  beforeAll(async () => {
    const publicExponent = new Uint8Array([1, 0, 1]);
    const parameters = { ...ALGORITHM, modulusLength: 2048, publicExponent };
    const pair = await crypto.subtle.generateKey(parameters, true, ["sign", "verify"]) as CryptoKeyPair;
    jwk = await crypto.subtle.exportKey("jwk", pair.publicKey) as JsonWebKey;
    key = (await keyOfJwk(jwk))!;
    const bytes = await crypto.subtle.sign(ALGORITHM.name, pair.privateKey, new TextEncoder().encode(SIGNED));
    signature = encodeBase64Url(new Uint8Array(bytes));
  });

  it("is the same as JWK and as PEM", async () => {
    key = (await keyOfJwk(jwk))!;
    const fromPem = await keyOfPem(key.pem);
    assertEquals(await crypto.subtle.exportKey("jwk", key.key), await exportable(fromPem));
    assertMatch(key.pem, /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END PUBLIC KEY-----$/);
    for (const each of [key, fromPem!]) assert(await hasValidSignature(`${SIGNED}.${signature}`, each));
  });

  /** A key that was configured cannot be exported: its PEM is read anew. */
  async function exportable(read: VerificationKey | undefined): Promise<JsonWebKey> {
    const base64 = read!.pem.replaceAll(/-----[^-]*-----|\s/g, "");
    const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const whole = await crypto.subtle.importKey("spki", der, ALGORITHM, true, ["verify"]);
    return await crypto.subtle.exportKey("jwk", whole) as JsonWebKey;
  }

  it("is none where the PEM is malformed", async () => {
    const torn = key.pem.replace("MIIB", "");
    for (const pem of ["", "no key", torn, "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----"]) {
      assertEquals(await keyOfPem(pem), undefined);
    }
  });

  it("refuses a signature of something else, one that is torn, and what is no base64url", async () => {
    const wrong = [
      `${SIGNED}e30.${signature}`,
      `${SIGNED}.${signature.slice(4)}`,
      `${SIGNED}.`,
      `${SIGNED}.${signature.replace(/^./, "!")}`,
      `${SIGNED}.${signature}=`,
    ];
    for (const jwt of wrong) assertEquals(await hasValidSignature(jwt, key), false);
  });
});
