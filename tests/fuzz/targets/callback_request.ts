import fc from "npm:fast-check@4.10.2";
import { readCallback } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { demand } from "../support/promises.ts";
import { damaged, textOf } from "../support/texts.ts";

const STATE = "the-state-of-this-attempt-aaaaaaaaaaaaaaaaa";
const ISSUER = "https://clerk.example.com";

const queries = fc.oneof(
  textOf(
    `state=${STATE}`,
    "state=",
    `iss=${encodeURIComponent(ISSUER)}`,
    "iss=https://evil.example",
    "code=abc",
    "code=",
    "error=access_denied",
    "error=server_error",
    "error_description=no",
    "&",
    "=",
    "%",
    "+",
    ";",
  ),
  damaged(fc.constantFrom(`code=abc&state=${STATE}`, `error=access_denied&state=${STATE}&iss=${ISSUER}`)),
);

/** The parameters of a request to the redirect URI: a code only with the state, the issuer and nothing twice. */
export const callbackRequest: FuzzTarget = fuzzTarget("callback_request", queries, (query) => {
  const parameters = new URLSearchParams(query);
  const outcome = readCallback(parameters, { state: STATE, issuer: ISSUER });
  const [states, codes] = [parameters.getAll("state"), parameters.getAll("code")];
  const isOurs = states.length === 1 && states[0] === STATE;
  demand(isOurs || outcome.kind === "unrelated", "something settled without the state");
  if (outcome.kind !== "code") return;
  demand(codes.length === 1 && codes[0] === outcome.code && outcome.code !== "", "another code than came");
  demand(!parameters.get("error"), "a code beside an error");
  demand(
    parameters.getAll("iss").every((issuer) => /^https:\/\/clerk\.example\.com\/*$/.test(issuer)),
    "a foreign issuer",
  );
});
