import { assert, assertEquals, assertMatch } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { hasValidSignature, keyOfJwk, keyOfPem, type VerificationKey } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { PUBLIC_JWK, SIGNATURE, SIGNED } from "./support/rfc7515_key.ts";

describe("a key that verifies JWTs", () => {
  let key: VerificationKey;

  beforeAll(async () => {
    key = (await keyOfJwk(PUBLIC_JWK))!;
  });

  it("is the same from a JWK and from PEM", async () => {
    const fromPem = await keyOfPem(key.pem);
    assertEquals(
      await crypto.subtle.exportKey("jwk", key.key),
      await crypto.subtle.exportKey("jwk", fromPem.key),
    );
    assertMatch(key.pem, /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END PUBLIC KEY-----$/);
    for (const each of [key, fromPem]) assert(await hasValidSignature(`${SIGNED}.${SIGNATURE}`, each));
  });

  it("cannot be read from malformed PEM", async () => {
    const torn = key.pem.replace("MIIB", "");
    for (const pem of ["", "no key", torn, "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----"]) {
      const { code, message } = await caught(() => keyOfPem(pem));
      assertEquals([code, message], [
        "config",
        "CLERK_JWT_KEY is not the public key of a Clerk instance in PEM",
      ]);
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
