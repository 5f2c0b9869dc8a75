import fc from "npm:fast-check@4.10.2";
import { readTokenResponse } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { answerOf, answers } from "../support/http_answers.ts";
import { objectText } from "../support/json_texts.ts";
import { demand, hasTornSecret, orRefused, SECRETS } from "../support/promises.ts";

const SENT_AT = 1_800_000_000_000;
const secrets = Object.values(SECRETS);
const repeated = fc.constantFrom(...secrets, ...secrets.map(encodeURIComponent));

const bodies = objectText({
  access_token: fc.constantFrom("oat_1", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE4MDAwMDM2MDB9.x", "a b", ""),
  token_type: fc.constantFrom("Bearer", "bearer", "mac", ""),
  expires_in: fc.constantFrom(3600, "3600", -1, 0, 1e300),
  refresh_token: fc.constantFrom("rt_1", "with space", ""),
  id_token: fc.constantFrom("a.b.c", "ü"),
  scope: fc.constantFrom("email profile", ""),
  error_description: repeated.map((secret) => `it was ${secret}, you see`),
});

/** Responses of the token endpoint: usable tokens, or the step's error, which repeats no secret. */
export const tokenAnswer: FuzzTarget = fuzzTarget("token_answer", answers(bodies), (input) => {
  if (hasTornSecret(input.text)) return;
  const tokens = orRefused(
    ["token_exchange"],
    () => readTokenResponse(answerOf(input), { sentAt: SENT_AT, secrets }),
  );
  if (!tokens) return;
  demand(input.status === 200, "tokens without a 200");
  const { accessToken, refreshToken = "-", idToken = "-", expiresAt, tokenType = "bearer" } = tokens;
  for (const token of [accessToken, refreshToken, idToken]) {
    demand(/^[\x21-\x7e]+$/.test(token), "an unusable token");
  }
  demand(tokenType.toLowerCase() === "bearer", "a type that is not known");
  demand(
    expiresAt === undefined || !Number.isNaN(new Date(expiresAt).getTime()),
    "an expiry that is no date",
  );
});
