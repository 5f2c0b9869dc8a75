import { createClerkClient } from "@clerk/backend";
import fc from "npm:fast-check@4.10.2";
import { parseJsonObject } from "../../doors/core.ts";
import { createCliAuth, keyOfJwk } from "../../doors/server.ts";
import { createSigningKey } from "../../doors/testing.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { objectText } from "../support/json_texts.ts";
import { demand, orRefusedLater } from "../support/promises.ts";

const PUBLISHABLE_KEY = `pk_test_${btoa("clerk.example.com$")}`;

const PAST = 1_700_000_000;
const FUTURE = 4_000_000_000;

/** Mostly valid, so that usually one thing is wrong. */
function mostly<T>(good: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(good) }, fc.constantFrom(...others));
}

const signed = fc.record({
  header: objectText({
    typ: mostly("at+jwt", "application/at+jwt", "JWT", "AT+JWT"),
    cat: mostly("cl_B7d4PD222AAA", "m2m"),
  }),
  // Far from now: the two look at the clock one after the other.
  claims: objectText({
    sub: mostly("user_1", "mch_1", ""),
    client_id: mostly("client-1", ""),
    scope: fc.constantFrom("profile email", "", " profile  email "),
    scp: fc.constantFrom(["profile"], []),
    exp: mostly(FUTURE, PAST, 0, 1e300),
    nbf: mostly(PAST, FUTURE, -1, 1e300),
    iat: mostly(PAST, FUTURE, -1, 1e300),
    aud: fc.constantFrom("https://api.example.com", ["https://api.example.com", "other"], []),
  }),
});

let surroundings: ReturnType<typeof start> | undefined;

/** A JWT signed by the instance, whatever it says: accepted only if `@clerk/backend` accepts it, with the same result. */
export const signedJwt: FuzzTarget = fuzzTarget("signed_jwt", signed, async ({ header, claims }) => {
  const { sign, auth, authenticate } = await (surroundings ??= start());
  const [typed, said] = [parseJsonObject(header), parseJsonObject(claims)];
  if (!typed || !said) return;
  const token = await sign(said, typed);
  const info = await orRefusedLater(["not_authenticated"], () => auth.verifyToken(token));
  // A scope that is no text makes the other fail, and is none here.
  if (!info || !["string", "undefined"].includes(typeof said["scope"])) return;
  const { subject, scopes, id = "", clientId = "" } = await authenticate(token);
  demand(info.subject === subject, "a JWT that the client does not accept");
  demand(!isText(id) || (info.id ?? "") === id, "another id");
  demand(!isText(clientId) || (info.clientId ?? "") === clientId, "another application");
  const granted = Array.isArray(scopes) ? scopes.filter((scope) => isText(scope) && scope !== "") : [];
  demand(JSON.stringify(info.scopes) === JSON.stringify(granted), "other scopes");
});

async function start() {
  const { publicJwk, sign } = await createSigningKey("ins_1");
  const jwtKey = (await keyOfJwk(publicJwk))?.pem ?? "";
  const clientConfig = { secretKey: "sk_test_fuzz", jwtKey, telemetry: { disabled: true } };
  const clerk = createClerkClient(clientConfig);
  return {
    sign,
    auth: createCliAuth({ clientConfig }, { variable: () => undefined }),
    async authenticate(token: string): Promise<Record<string, unknown>> {
      const request = new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });
      const options = { acceptsToken: "oauth_token", publishableKey: PUBLISHABLE_KEY } as const;
      return { ...(await clerk.authenticateRequest(request, options)).toAuth() };
    },
  };
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}
