import { checkIdToken, decodeJwtClaims } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { anyJwt } from "../support/jwts.ts";
import { demand, orRefused } from "../support/promises.ts";

const expected = { issuer: "https://clerk.example.com", clientId: "client", nonce: "nonce" };

/** An ID token: a subject only if issuer, audience and nonce are those of the login. */
export const idToken: FuzzTarget = fuzzTarget("id_token", anyJwt, (jwt) => {
  const subject = orRefused(["token_exchange"], () => checkIdToken(jwt, expected));
  if (subject === undefined) return;
  const claims = decodeJwtClaims(jwt);
  demand(String(claims?.iss).replace(/\/+$/, "") === expected.issuer, "another issuer");
  demand([claims?.aud].flat().includes(expected.clientId), "another audience");
  demand(claims?.nonce === expected.nonce, "another nonce");
  demand(claims?.sub === subject && subject !== "", "another subject");
});
