import fc from "npm:fast-check@4.10.2";
import { parsePastedResponse, readCallback } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { demand } from "../support/promises.ts";
import { anyText, damaged, textOf } from "../support/texts.ts";

const STATE = "the-state-of-this-attempt-aaaaaaaaaaaaaaaaa";
const ADDRESS = `http://127.0.0.1:4711/callback?code=abc&state=${STATE}`;

const texts = fc.oneof(
  anyText,
  textOf(
    "http://",
    "HTTPS://",
    "127.0.0.1",
    ":",
    "/",
    "?",
    "#",
    "code=abc",
    "&",
    `state=${STATE}`,
    STATE,
    " ",
    "\n",
  ),
  damaged(fc.constantFrom(ADDRESS, `abc#${STATE}`, `  ${ADDRESS}\n`)),
);

/** What a user pastes: a code only if the text has the state of this attempt. */
export const pastedText: FuzzTarget = fuzzTarget("pasted_text", texts, (text) => {
  const parameters = parsePastedResponse(text);
  if (!parameters) return;
  const outcome = readCallback(parameters, { state: STATE, issuer: "https://clerk.example.com" });
  if (outcome.kind === "unrelated") return;
  demand(
    new URLSearchParams(`x=${text.replaceAll("&", "%26")}`).get("x")?.includes(STATE),
    "a foreign paste was taken",
  );
});
