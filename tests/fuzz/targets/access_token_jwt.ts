import fc from "npm:fast-check@4.10.2";
import { classify, faultOf } from "../../doors/server.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { anyJwt } from "../support/jwts.ts";
import { demand, orRefused } from "../support/promises.ts";
import { damaged } from "../support/texts.ts";

const NOW = 1_800_000_000_000;
const tokens = fc.oneof(
  anyJwt,
  damaged(fc.constantFrom("ak_0123456789", "oat_0123456789", "mt_1", "sess_1")),
);

/** A token in a request: recognized by its form, and worthless until its signature is checked. */
export const accessTokenJwt: FuzzTarget = fuzzTarget("access_token_jwt", tokens, (token) => {
  const credential = orRefused(["not_authenticated"], () => classify(token, ["api_key", "oauth_token"]));
  if (!credential) return;
  if (!credential.jwt) {
    return demand(/^(ak|oat)_[A-Za-z0-9_~+/-]+=*$/.test(token), "an opaque token of no kind");
  }
  const { header, claims } = credential.jwt;
  demand(["at+jwt", "application/at+jwt"].includes(header.typ as string), "a JWT of another type");
  if (faultOf(credential.jwt, NOW) !== undefined) return;
  demand(/^RS\d{3}$/.test(String(header.alg)) && header.crit === undefined, "an algorithm that is not taken");
  demand(Number(claims.exp) * 1000 > NOW - 5_001, "an expired token");
  demand(typeof claims.sub === "string" && claims.sub !== "" && !claims.sub.startsWith("mch_"), "no person");
});
