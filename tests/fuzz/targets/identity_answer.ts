import fc from "npm:fast-check@4.10.2";
import { readIdentity } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { answerOf, answers } from "../support/http_answers.ts";
import { objectText } from "../support/json_texts.ts";
import { demand, hasTornSecret, orRefused, SECRETS } from "../support/promises.ts";

const token = SECRETS.accessToken;
const bodies = objectText({
  sub: fc.constantFrom("user_1", "org_1", ""),
  email: fc.constantFrom("ada@example.com"),
  error: fc.constantFrom("invalid_token", token),
  errors: fc.constantFrom([{ code: "x", message: `bad ${token}` }], [null], [7], {}),
});

/** Responses of userinfo and a backend's identity endpoint: an identity with a subject, or the step's error. */
export const identityAnswer: FuzzTarget = fuzzTarget("identity_answer", answers(bodies), (input) => {
  if (hasTornSecret(input.text)) return;
  const question = {
    step: "userinfo",
    endpointName: "The userinfo endpoint",
    url: "https://x.example",
    token,
  } as const;
  const identity = orRefused(["userinfo"], () => readIdentity(answerOf(input), question));
  if (!identity) return;
  demand(input.status === 200, "an identity without a 200");
  demand(typeof identity.sub === "string" && identity.sub !== "", "an identity without a subject");
});
