import { assertEquals } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import {
  type ClerkAccess,
  decodeAccessTokenJwt,
  JwtVerification,
  type JwtVerificationOptions,
  keyOfJwk,
} from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { createClock } from "./support/clock.ts";
import { createSoloClient, type Verdict } from "./support/solo_client.ts";

const AUDIENCE = ["https://api.example.com"];
const CLIENT_VERDICT = { subject: "user_as_the_client_says", scopes: ["asked"], orgId: "org_claimed" };

describe("JwtVerification", () => {
  let emulator: Emulator;
  let jwk: JsonWebKey;
  let pem: string;
  beforeAll(async () => {
    emulator = createEmulator();
    const response = await emulator.fetch(new Request("http://127.0.0.1/.well-known/jwks.json"));
    [jwk] = (await response.json()).keys;
    pem = (await keyOfJwk(jwk))!.pem;
  });

  interface SetUpOptions extends Partial<JwtVerificationOptions>, Partial<ClerkAccess> {
    /** The ids of the keys that the client hands out; it hands out none without. */
    published?: string[];
    verdict?: Verdict;
  }

  /** A verification by a client that says what the client alone would say. */
  function setUp({ published, verdict = CLIENT_VERDICT, clerk, jwtKey, ...options }: SetUpOptions = {}) {
    const clock = createClock();
    const client = createSoloClient();
    let fetches = 0;
    if (published) {
      client.jwks = {
        getJwks: () => {
          fetches++;
          return Promise.resolve({ keys: published.map((kid) => ({ ...jwk, kid })) });
        },
      };
    }
    const access = { clerk: clerk ?? client, jwtKey, secrets: [] };
    const verification = new JwtVerification({
      isOwnClient: true,
      audience: AUDIENCE,
      timeoutMs: 10_000,
      now: clock.now,
      ...options,
    });
    const sign = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
      emulator.signJwt({ sub: "user_1", ...claims }, { typ: "at+jwt", kid: "ins_1", ...header });
    const verify = async (...[claims, header]: Parameters<typeof sign>) => {
      const token = await sign(claims, header);
      client.verdicts.set(token, verdict);
      const jwt = decodeAccessTokenJwt(token)!;
      return await verification.verify({ token, type: "oauth_token", jwt }, access);
    };
    const asked = () => client.calls.map(({ options: { jwtKey, audience } = {} }) => ({ jwtKey, audience }));
    return { clock, verify, asked, fetches: () => fetches, seconds: () => clock.now() / 1000 };
  }

  for (const how of ["published", "configured"] as const) {
    const create = (options: SetUpOptions) =>
      setUp({ ...options, ...(how === "published" ? { published: ["ins_1"] } : { jwtKey: pem }) });

    it(`accepts what a ${how} key has signed without asking our own client`, async () => {
      const { verify, asked } = create({});
      assertEquals((await verify()).subject, "user_1");
      assertEquals(asked(), []);
    });

    it(`asks the client, with the ${how} key, about another algorithm and about a client of the caller's`, async () => {
      for (const [isOwnClient, alg] of [[true, "RS512"], [false, "RS256"]] as const) {
        const { verify, asked } = create({ isOwnClient });
        assertEquals((await verify({}, { alg })).subject, CLIENT_VERDICT.subject);
        assertEquals(asked(), [{ jwtKey: pem, audience: AUDIENCE }]);
      }
    });
  }

  it("asks a client that hands out no keys, and makes it require the audience", async () => {
    const { verify, asked } = setUp();
    assertEquals((await verify()).subject, CLIENT_VERDICT.subject);
    assertEquals(asked(), [{ jwtKey: undefined, audience: AUDIENCE }]);
  });

  it("treats a failed verification as an outage only if the client needed the network", async () => {
    for (
      const [options, code] of [[{ jwtKey: pem }, "not_authenticated"], [{}, "unavailable"]] as const
    ) {
      const client = createSoloClient();
      client.authenticateRequest = () =>
        Promise.resolve({
          isAuthenticated: false,
          reason: "token-verification-failed",
          message: "fetch failed",
          toAuth: () => null,
        });
      const { verify } = setUp({ isOwnClient: false, clerk: client, ...options });
      assertEquals((await caught(() => verify())).code, code);
    }
  });

  it("remembers that a JWT without a key id was accepted", async () => {
    const { verify, asked } = setUp();
    for (let count = 0; count < 10; count++) await verify({ count }, { kid: null });
    assertEquals(asked().length, 10);
  });

  it("takes the organization of a JWT from its claims, whatever the client says", async () => {
    const { verify } = setUp();
    assertEquals((await verify({ org_id: "org_1" })).orgId, "org_1");
    assertEquals((await verify()).orgId, undefined);
  });

  it("says that a key is not one of the instance", async () => {
    const { verify } = setUp({ published: ["ins_1"] });
    for (const kid of ["ins_2", 7, null]) {
      const { code, message } = await caught(() => verify({}, { kid }));
      assertEquals([code, message], [
        "not_authenticated",
        "The token is signed with a key that is not of this Clerk instance",
      ]);
    }
  });

  it("looks for a key whose JWT is newer than the keys at hand, not for one whose JWT is older", async () => {
    const published = ["ins_1"];
    const { verify, clock, fetches, seconds } = setUp({ published });
    await verify();
    clock.advance(60_000);
    assertEquals((await caught(() => verify({ iat: seconds() - 3_600 }, { kid: "ins_old" }))).status, 401);
    assertEquals(fetches(), 1);
    published.push("ins_2");
    assertEquals((await verify({ iat: seconds() }, { kid: "ins_2" })).subject, "user_1");
    assertEquals(fetches(), 2);
  });

  for (
    const [claims, scopes] of [
      [{}, []],
      [{ scope: "profile email" }, ["profile", "email"]],
      [{ scope: ["profile"] }, []],
      [{ scope: "profile", scp: ["email", "", 7] }, ["email"]],
    ] as const
  ) {
    it(`finds the scopes ${JSON.stringify(scopes)} in ${JSON.stringify(claims)}`, async () => {
      const { verify } = setUp({ published: ["ins_1"] });
      assertEquals((await verify(claims)).scopes, [...scopes]);
    });
  }
});
