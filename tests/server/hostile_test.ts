import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type CliAuth, cliAuth, handle } from "@clerk/cli-auth/server";
import fc from "npm:fast-check@4.10.2";
import { startInstance } from "./support/instance.ts";

const { emulator, clientConfig, createClient } = startInstance();
const { secretKey } = clientConfig;

/** Everything that a header can be made of. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
});
const b64token = fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,80}={0,2}$/);
const base64url = (value: unknown) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value) ?? "")))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const header = fc.record({
  alg: fc.oneof(fc.constantFrom("RS256", "RS512", "none", "HS256", "ES256", ""), fc.jsonValue()),
  typ: fc.oneof(fc.constantFrom("at+jwt", "application/at+jwt", "JWT", "AT+JWT"), fc.jsonValue()),
  kid: fc.oneof(fc.constantFrom(emulator.instanceId, "__proto__", "constructor", ""), fc.jsonValue()),
  crit: fc.jsonValue(),
}, { requiredKeys: [] });

const time = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(1e300, -1, 9e15, Math.floor(Date.now() / 1000) + 60),
);
const claims = fc.record({
  sub: fc.oneof(fc.constantFrom(emulator.user.id, "mch_1", "__proto__", ""), fc.jsonValue()),
  exp: fc.oneof(time, fc.jsonValue()),
  iat: fc.oneof(time, fc.jsonValue()),
  nbf: fc.oneof(time, fc.jsonValue()),
  iss: fc.jsonValue(),
  aud: fc.jsonValue(),
  scope: fc.jsonValue(),
  scp: fc.jsonValue(),
  client_id: fc.jsonValue(),
}, { requiredKeys: [] });

const forgedJwt = fc.tuple(header, claims, fc.oneof(fc.constant(""), fc.base64String(), b64token))
  .map(([head, body, signature]) => `${base64url(head)}.${base64url(body)}.${signature}`);

const token = fc.oneof(
  b64token,
  forgedJwt,
  b64token.map((text) => `ak_${text}`),
  b64token.map((text) => `oat_${text}`),
  fc.array(b64token, { maxLength: 6 }).map((parts) => parts.join(".")),
  fc.nat(40_000).map((length) => `ak_${"a".repeat(length)}`),
);

const authorization = fc.oneof(
  headerText,
  token.map((text) => `Bearer ${text}`),
  fc.tuple(fc.constantFrom("bearer", "BEARER", "Basic", "Bearer Bearer", "Bearer,", "DPoP"), headerText)
    .map(([scheme, text]) => `${scheme} ${text}`),
  fc.array(token.map((text) => `Bearer ${text}`), { minLength: 2, maxLength: 3 }).map((list) =>
    list.join(", ")
  ),
);

/** Headers that `@clerk/backend` reads from a request, with which a caller might reach it past the token. */
const otherHeaders = fc.dictionary(
  fc.constantFrom(
    "cookie",
    "host",
    "x-forwarded-host",
    "x-forwarded-proto",
    "origin",
    "referer",
    "user-agent",
  ),
  fc.oneof(headerText, forgedJwt.map((jwt) => `__session=${jwt}; __client_uat=1`)),
);

for (const kind of ["its own client", "a client of the caller's"] as const) {
  describe(`handle() with ${kind}, under hostile requests`, () => {
    it("answers neither 200 nor 500 nor with a secret, whatever comes", async () => {
      const auth: CliAuth = kind === "its own client"
        ? cliAuth({ clientConfig })
        : cliAuth({ client: await createClient() });
      const route = handle({ auth, onError: () => {} });
      const property = fc.asyncProperty(authorization, otherHeaders, async (value, others) => {
        const headers = new Headers();
        try {
          for (const [name, text] of Object.entries({ ...others, authorization: value })) {
            headers.set(name, text);
          }
        } catch {
          // No client could send it either.
          return;
        }
        const response = await route(
          new Request("https://api.example.com/me?access_token=ak_1", { headers }),
        );
        const text = await response.text();
        assert([400, 401, 503].includes(response.status), `${response.status} ${text}`);
        if (response.status !== 503) assert(response.headers.get("www-authenticate")?.startsWith("Bearer "));
        assert(!text.includes(secretKey), text);
        assertEquals(Object.keys(JSON.parse(text)).sort(), ["error", "error_description", "exit_code"]);
      });
      await fc.assert(property, { numRuns: 500 });
      const { accessToken } = await emulator.issueTokens({ scopes: ["profile"] });
      const good = new Request("https://api.example.com/me", {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      assertEquals((await route(good)).status, 200);
    });
  });
}

describe("verifyToken() under hostile tokens", () => {
  it("accepts no change of a good JWT, wherever it is made", async () => {
    const { accessToken } = await emulator.issueTokens({ scopes: ["profile"] });
    const change = fc.tuple(fc.nat(accessToken.length - 1), fc.stringMatching(/^[A-Za-z0-9._-]$/));
    const end = accessToken.length - 1;
    await fc.assert(
      fc.asyncProperty(change, async ([index, character]) => {
        // The last character of base64url can hold bits that count for nothing.
        if (accessToken[index] === character || index === end) return;
        const changed = accessToken.slice(0, index) + character + accessToken.slice(index + 1);
        const verdict = await cliAuth({ clientConfig }).verifyToken(changed).then(
          () => "accepted",
          ({ code }) => code,
        );
        assert(["not_authenticated", "unavailable"].includes(verdict), verdict);
      }),
      { numRuns: 100 },
    );
  });

  it("rejects everything that is no text", async () => {
    const auth = cliAuth({ clientConfig });
    await fc.assert(
      fc.asyncProperty(fc.anything().filter((value) => typeof value !== "string"), async (value) => {
        const verdict = await auth.verifyToken(value as string).then(() => "accepted", ({ code }) => code);
        assertEquals(verdict, "not_authenticated");
      }),
    );
  });
});
