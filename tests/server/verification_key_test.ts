import { assert, assertEquals, assertMatch } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { hasValidSignature, keyOfJwk, keyOfPem, type VerificationKey } from "../doors/server.ts";
import { PUBLIC_JWK, SIGNATURE, SIGNED } from "./support/rfc7515_key.ts";

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

describe("a key that verifies JWTs", () => {
  let key: VerificationKey;

  beforeAll(async () => {
    key = (await keyOfJwk(PUBLIC_JWK))!;
  });

  it("is the same from a JWK and from PEM", async () => {
    const fromPem = await keyOfPem(key.pem);
    assertEquals(await crypto.subtle.exportKey("jwk", key.key), await exportable(fromPem));
    assertMatch(key.pem, /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END PUBLIC KEY-----$/);
    for (const each of [key, fromPem!]) assert(await hasValidSignature(`${SIGNED}.${SIGNATURE}`, each));
  });

  /** A key that was configured cannot be exported: its PEM is read anew. */
  async function exportable(read: VerificationKey | undefined): Promise<JsonWebKey> {
    const base64 = read!.pem.replaceAll(/-----[^-]*-----|\s/g, "");
    const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const whole = await crypto.subtle.importKey("spki", der, ALGORITHM, true, ["verify"]);
    return await crypto.subtle.exportKey("jwk", whole) as JsonWebKey;
  }

  it("cannot be read from malformed PEM", async () => {
    const torn = key.pem.replace("MIIB", "");
    for (const pem of ["", "no key", torn, "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----"]) {
      assertEquals(await keyOfPem(pem), undefined);
    }
  });

  it("refuses a signature of something else, one that is cut off, and one that is not base64url", async () => {
    const wrong = [
      `${SIGNED}e30.${SIGNATURE}`,
      `${SIGNED}.${SIGNATURE.slice(4)}`,
      `${SIGNED}.`,
      `${SIGNED}.${SIGNATURE.replace(/^./, "!")}`,
      `${SIGNED}.${SIGNATURE}=`,
    ];
    for (const jwt of wrong) assertEquals(await hasValidSignature(jwt, key), false);
  });
});
