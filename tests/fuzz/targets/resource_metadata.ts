import fc from "npm:fast-check@4.10.2";
import { readResourceMetadata } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { answerOf, answers } from "../support/http_answers.ts";
import { objectText } from "../support/json_texts.ts";
import { demand, orRefused } from "../support/promises.ts";

const ISSUER = "https://clerk.example.com";
const RESOURCE = "https://api.example.com/me";
const bodies = objectText({
  resource: fc.constantFrom(RESOURCE, `${RESOURCE}/`, "https://evil.example"),
  authorization_servers: fc.constantFrom([ISSUER], [`${ISSUER}/`], ["https://evil.example"], [7, null], []),
  scopes_supported: fc.constantFrom(["email"], [], [7]),
  clerk_cli_client_id: fc.constantFrom("client", "", 7),
});

/** A backend's sign-in metadata: never an issuer that the program does not allow. */
export const resourceMetadata: FuzzTarget = fuzzTarget("resource_metadata", answers(bodies), (input) => {
  const expected = { resource: new URL(RESOURCE), allowedIssuers: [ISSUER] };
  const found = orRefused(["config"], () => readResourceMetadata(answerOf(input), expected));
  if (!found) return;
  demand(input.status === 200, "metadata without a 200");
  demand(found.issuer === ISSUER, "another issuer than is allowed");
  demand(JSON.parse(input.text).resource === RESOURCE, "the metadata of another resource");
});
