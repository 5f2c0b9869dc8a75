import { assertEquals } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import {
  type ClerkAccess,
  decodeAccessTokenJwt,
  JwtVerification,
  type JwtVerificationOptions,
  keyOfJwk,
  UnavailableError,
  type VerificationKey,
} from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { createClock } from "./support/clock.ts";
import { createSoloClient, type Verdict } from "./support/solo_client.ts";

const AUDIENCE = ["https://api.example.com"];
const CLIENT_VERDICT = { subject: "user_as_the_client_says", scopes: ["asked"], orgId: "org_claimed" };

describe("JwtVerification", () => {
  let emulator: Emulator;
  let jwk: JsonWebKey;
  let key: VerificationKey;
  beforeAll(async () => {
    emulator = createEmulator();
    const response = await emulator.fetch(new Request("http://127.0.0.1/.well-known/jwks.json"));
    [jwk] = (await response.json()).keys;
    key = (await keyOfJwk(jwk))!;
  });

  interface SetUpOptions extends Partial<JwtVerificationOptions>, Partial<ClerkAccess> {
    /** The ids of the keys that the client hands out; it hands out none without. */
    published?: string[];
    verdict?: Verdict;
  }

  /** A verification by a client that says what the client alone would say. */
  function setUp({ published, verdict = CLIENT_VERDICT, clerk, key, ...options }: SetUpOptions = {}) {
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
    const access = { clerk: clerk ?? client, key, secrets: [] };
    const verification = new JwtVerification({
      isOwnClient: true,
      audience: AUDIENCE,
      timeoutMs: 10_000,
      now: clock.now,
      ...options,
    });
    const sign = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
      emulator.signJwt({ sub: "user_1", ...claims }, { typ: "at+jwt", kid: "ins_1", ...header });
    let currentVerdict = verdict;
    const remember = async (...[claims, header, forged]: [...Parameters<typeof sign>, string?]) => {
      const token = forged ?? await sign(claims, header);
      client.verdicts.set(token, currentVerdict);
      const jwt = decodeAccessTokenJwt(token)!;
      return await verification.verify({ token, type: "oauth_token", jwt }, access);
    };
    const verify = async (...parts: Parameters<typeof remember>) => (await remember(...parts)).info;
    const asked = () => client.calls.map(({ options: { jwtKey, audience } = {} }) => ({ jwtKey, audience }));
    const setVerdict = (verdict: Verdict) => void (currentVerdict = verdict);
    return {
      clock,
      verify,
      setVerdict,
      remember,
      asked,
      fetches: () => fetches,
      seconds: () => clock.now() / 1000,
    };
  }

  for (const how of ["published", "configured"] as const) {
    const create = (options: SetUpOptions) =>
      setUp({ ...options, ...(how === "published" ? { published: ["ins_1"] } : { key }) });

    it(`accepts what a ${how} key has signed without asking our own client`, async () => {
      const { verify, asked } = create({});
      assertEquals((await verify()).subject, "user_1");
      assertEquals(asked(), []);
    });

    it(`decides on a ${how} key alone what our own client would reject`, async () => {
      const { verify, asked } = create({});
      const [header, claims] = [{ kid: "ins_1", typ: "at+jwt" }, { sub: "user_1" }];
      const stranger = createEmulator({ signingKey: "instance" });
      for (
        const forged of [await stranger.signJwt(claims, header), `${await emulator.signJwt(claims, header)}=`]
      ) {
        assertEquals(
          (await caught(() => verify({}, {}, forged))).message,
          "The signature of the token is not valid",
        );
      }
      assertEquals((await caught(() => verify({}, { alg: "RS512" }))).code, "not_authenticated");
      assertEquals(asked(), []);
    });

    it(`asks a client of the caller's, with the ${how} key`, async () => {
      const { verify, asked } = create({ isOwnClient: false });
      assertEquals((await verify()).subject, CLIENT_VERDICT.subject);
      assertEquals(asked(), [{ jwtKey: key.pem, audience: AUDIENCE }]);
    });
  }

  it("remembers for five minutes, and no longer than the keys are fresh", async () => {
    const FIVE_MINUTES = 5 * 60_000;
    const { remember, clock } = setUp({ published: ["ins_1"] });
    const freshUntil = clock.now() + FIVE_MINUTES;
    assertEquals((await remember()).expiresAt, freshUntil);
    clock.advance(FIVE_MINUTES - 1);
    assertEquals((await remember()).expiresAt, freshUntil);
    clock.advance(1);
    assertEquals((await remember()).expiresAt, freshUntil + FIVE_MINUTES);
    const configured = setUp({ key });
    assertEquals((await configured.remember()).expiresAt, configured.clock.now() + FIVE_MINUTES);
    const exp = configured.seconds() + 60;
    assertEquals((await configured.remember({ exp })).expiresAt, exp * 1_000);
  });

  it("does not hold up tokens under a published key that only the client can read", async () => {
    const client = createSoloClient();
    client.jwks = { getJwks: () => Promise.resolve({ keys: [{ ...jwk, e: "AQAC", kid: "ins_1" }] }) };
    const { verify } = setUp({ clerk: client });
    const codes = [];
    for (let count = 0; count < 50; count++) codes.push((await caught(() => verify({ count }))).code);
    assertEquals(codes, Array.from({ length: 50 }, () => "not_authenticated"));
  });

  it("asks a client that hands out no keys, and makes it require the audience", async () => {
    const { verify, asked } = setUp();
    assertEquals((await verify()).subject, CLIENT_VERDICT.subject);
    assertEquals(asked(), [{ jwtKey: undefined, audience: AUDIENCE }]);
  });

  it("treats a failed verification as an outage only if the client needed the network", async () => {
    for (
      const [options, code] of [[{ key }, "not_authenticated"], [{}, "unavailable"]] as const
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
      [{ scope: "profile", scp: ["email", "", 7] }, ["email"]],
    ] as const
  ) {
    it(`finds the scopes ${JSON.stringify(scopes)} in ${JSON.stringify(claims)}`, async () => {
      const { verify } = setUp({ published: ["ins_1"] });
      assertEquals((await verify(claims)).scopes, [...scopes]);
    });
  }

  it("stops asking a client that cannot fetch its keys", async () => {
    const { clock, verify, asked, setVerdict } = setUp({ isOwnClient: false });
    await verify({ sub: "user_0" });
    setVerdict(() => Promise.reject(new UnavailableError("Clerk's signing keys could not be fetched")));
    for (let index = 1; index <= 20; index++) {
      assertEquals((await caught(() => verify({ sub: `user_${index}` }))).code, "unavailable");
    }
    assertEquals(asked().length, 1 + 5);
    setVerdict(CLIENT_VERDICT);
    clock.advance(1_000);
    await verify({ sub: "user_21" });
  });
});
