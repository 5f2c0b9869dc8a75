import fc from "npm:fast-check@4.10.2";
import { parseMetadata, readMetadataResponse } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { answerOf, answers } from "../support/http_answers.ts";
import { objectText } from "../support/json_texts.ts";
import { demand, orRefused } from "../support/promises.ts";

const ISSUER = "https://clerk.example.com";
const ORIGINS = [ISSUER, "https://tokens.example.com"];
const endpoint = fc.constantFrom(
  `${ISSUER}/a`,
  "https://tokens.example.com/t?x=1",
  "https://evil.example/",
  "http://clerk.example.com/a",
  `${ISSUER}/a#b`,
  "https://u:p@clerk.example.com/",
  "javascript:alert(1)",
  "https://clerk.example.com.evil.example/",
  "",
);

const bodies = objectText({
  issuer: fc.constantFrom(ISSUER, ISSUER, ISSUER, `${ISSUER}/`, "https://evil.example"),
  authorization_endpoint: fc.oneof(fc.constant(`${ISSUER}/a`), endpoint),
  token_endpoint: fc.oneof(fc.constant(`${ISSUER}/t`), endpoint),
  userinfo_endpoint: endpoint,
  revocation_endpoint: endpoint,
  device_authorization_endpoint: endpoint,
  response_modes_supported: fc.constantFrom(["query", "form_post"], ["query"], "form_post"),
  authorization_response_iss_parameter_supported: fc.constantFrom(true, "true", 1),
});

/** An issuer's metadata: endpoints over TLS on allowed origins, or an error. */
export const issuerMetadata: FuzzTarget = fuzzTarget("issuer_metadata", answers(bodies), (input) => {
  const metadata = orRefused(["config", "network"], () => {
    const document = readMetadataResponse(answerOf(input), ISSUER);
    return parseMetadata(document, { issuer: ISSUER, endpointOrigins: ORIGINS.slice(1) });
  });
  if (!metadata) return;
  for (const url of Object.values(metadata.endpoints)) {
    demand(ORIGINS.includes(new URL(url).origin), "an endpoint on a foreign origin");
    demand(!url.includes("#") && !url.includes("@"), "more than an address");
  }
  if (input.status === 200) {
    demand(JSON.parse(input.text).issuer === ISSUER, "the metadata of another issuer");
  }
});
