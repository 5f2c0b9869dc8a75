import fc, { type Arbitrary } from "npm:fast-check@4.10.2";
import { encodeBase64Url } from "../../doors/core.ts";
import { objectText } from "./json_texts.ts";
import { anyText, damaged } from "./texts.ts";

const time = fc.constantFrom(0, 1_700_000_000, 4_000_000_000, -1, 1e300);

/** All kinds of unsigned JWTs. */
export const anyJwt: Arbitrary<string> = damagedAtTimes(
  fc.tuple(
    objectText({
      alg: fc.constantFrom("RS256", "none", "HS256", "ES256"),
      typ: fc.constantFrom("at+jwt", "application/at+jwt", "JWT"),
      kid: fc.constantFrom("ins_1", "__proto__"),
    }),
    objectText({
      iss: fc.constantFrom("https://clerk.example.com", "https://evil.example"),
      sub: fc.constantFrom("user_1", "mch_1", ""),
      aud: fc.constantFrom("client", ["client", "other"], []),
      azp: fc.constantFrom("client", "other"),
      nonce: fc.constantFrom("nonce", "other"),
      exp: time,
      nbf: time,
      iat: time,
    }),
    fc.constantFrom("", "AAAA", "c2lnbmF0dXJl", "*"),
  ).map(([header, claims, signature]) => `${encode(header)}.${encode(claims)}.${signature}`),
);

function damagedAtTimes(good: Arbitrary<string>): Arbitrary<string> {
  return fc.oneof({ weight: 6, arbitrary: good }, { weight: 2, arbitrary: damaged(good) }, {
    weight: 1,
    arbitrary: anyText,
  });
}

function encode(text: string): string {
  return encodeBase64Url(new TextEncoder().encode(text));
}
