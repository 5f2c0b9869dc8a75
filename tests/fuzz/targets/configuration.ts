import fc from "npm:fast-check@4.10.2";
import { type ClerkCliAuthConfig, resolveConfig } from "../../doors/client.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { demand, orRefused } from "../support/promises.ts";
import { anyText, textOf } from "../support/texts.ts";

const address = textOf(
  "https://",
  "http://",
  "api.example.com",
  "127.0.0.1",
  "localhost",
  ":",
  "443",
  "/",
  "?",
  "#",
  "@",
);
const anything = fc.oneof({ weight: 2, arbitrary: fc.jsonValue() }, { weight: 3, arbitrary: anyText });
const setting = <T>(good: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: anything });

const configurations = fc.record({
  clientId: setting(fc.constant("client")),
  issuer: setting(fc.constantFrom("https://clerk.example.com", "http://localhost:1")),
  scopes: setting(fc.array(fc.oneof(fc.constantFrom("email", "openid"), anyText), { maxLength: 3 })),
  profile: setting(fc.oneof(fc.constantFrom("work", "..", ".git", "a/b"), anyText)),
  callbackPort: setting(
    fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.array(fc.nat(70_000), { maxLength: 3 })),
  ),
  loginTimeoutMs: setting(fc.double()),
  identityEndpoint: setting(address),
  apiOrigins: setting(fc.array(address, { maxLength: 2 })),
  page: setting(fc.record({ accentColor: anything, successUrl: address }, { requiredKeys: [] })),
}, { requiredKeys: ["clientId", "issuer"] });

/** The configuration of a client: safe to use, or a `config` error on one line. */
export const configuration: FuzzTarget = fuzzTarget("configuration", configurations, (given) => {
  const config = orRefused(["config"], () => resolveConfig(given as unknown as ClerkCliAuthConfig));
  if (!config) return;
  for (const scope of config.scopes) {
    demand(/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope), "a scope that is none");
  }
  demand(
    /^[\w.-]*$/.test(config.profile ?? "") && !/^\./.test(config.profile ?? ""),
    "a profile that is a path",
  );
  for (const port of config.callbackPorts) {
    demand(Number.isInteger(port) && port >= 0 && port < 65_536, "no port");
  }
  demand(config.loginTimeoutMs > 0 && config.loginTimeoutMs < 2 ** 31, "a time that no timer takes");
  for (const origin of config.apiOrigins) {
    demand(/^https:|^http:\/\/(localhost|127\.|\[::1\])/.test(origin), "an origin without TLS");
    demand(new URL(origin).origin === origin, "more than an origin");
  }
});
