import { serveOrigin } from "./support/routed_fetch.ts";
import { assertEquals } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { cliAuth } from "@clerk/cli-auth/server";
import fc from "npm:fast-check@4.10.2";
import { encodeBase64Url } from "../doors/core.ts";
import { IS_THOROUGH } from "../harness/extent.ts";
import { outcome } from "./support/outcome.ts";
import { requestWith } from "./support/request_with.ts";

const CASES = IS_THOROUGH ? 400 : 150;
const AUDIENCE = "https://api.example.com";
const PUBLISHABLE_KEY = `pk_test_${btoa("clerk.example.com$")}`;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const encoder = new TextEncoder();

type Fields = Record<string, unknown>;

let keys: CryptoKeyPair;
let jwk: JsonWebKey;

/** What a backend of ours and `authenticateRequest` say to JWTs under a key as it is published. */
async function setUp(change: Fields = {}) {
  const published = { kty: jwk.kty, n: jwk.n, e: jwk.e, kid: "ins_1", use: "sig", alg: "RS256", ...change };
  const clientConfig = {
    secretKey: "sk_test_1",
    apiUrl: serveOrigin(() => jsonResponse({ keys: [published] })),
    telemetry: { disabled: true },
  };
  const auth = cliAuth({ clientConfig, clientIds: "any", audience: AUDIENCE });
  // Loaded late: see routed_fetch.ts.
  const clerk = (await import("@clerk/backend")).createClerkClient(clientConfig);
  const options = {
    acceptsToken: "oauth_token",
    publishableKey: PUBLISHABLE_KEY,
    audience: AUDIENCE,
  } as const;
  return {
    ours: async (token: string) => await outcome(() => auth.verifyToken(token)) === "accepted",
    theirs: async (token: string) =>
      await clerk.authenticateRequest(requestWith(token), options).then(
        (state) => state.isAuthenticated,
        () => false,
      ),
  };
}

const seconds = () => Date.now() / 1_000;
const goodHeader = () => ({ alg: "RS256", typ: "at+jwt", kid: "ins_1" });
const goodClaims = () => ({
  sub: "user_1",
  aud: AUDIENCE,
  scope: "profile",
  exp: seconds() + 60,
  iat: seconds(),
});

/** The parts of a JWT as they are sent. */
interface Spelling {
  header?: (text: string) => string;
  claims?: (text: string) => string;
  signature?: (text: string) => string;
}

const asItIs = (text: string) => text;

async function sign(header: Fields, claims: Fields, spelling: Spelling = {}): Promise<string> {
  const encode = (part: unknown) => encodeBase64Url(encoder.encode(JSON.stringify(part)));
  const { header: spellHeader = asItIs, claims: spellClaims = asItIs, signature: spellSignature = asItIs } =
    spelling;
  const signed = `${spellHeader(encode(header))}.${spellClaims(encode(claims))}`;
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", keys.privateKey, encoder.encode(signed));
  return `${signed}.${spellSignature(encodeBase64Url(new Uint8Array(signature)))}`;
}

/** The same bytes, spelt in another way: bits of the last character that nobody reads are set. */
function respelt(text: string): string {
  if (text.length % 4 === 0) return text;
  return text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.slice(-1)) ^ 1];
}

/** JSON with the content type that `@clerk/backend` insists on: Bun's own has a charset. */
function jsonResponse(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
}

describe("cliAuth() beside authenticateRequest()", () => {
  beforeAll(async () => {
    const algorithm = {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2_048,
      publicExponent: Uint8Array.of(1, 0, 1),
    };
    keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
    jwk = await crypto.subtle.exportKey("jwk", keys.publicKey) as JsonWebKey;
  });

  it("accepts what that accepts", async () => {
    const { ours, theirs } = await setUp();
    const token = await sign(goodHeader(), goodClaims());
    assertEquals([await ours(token), await theirs(token)], [true, true]);
  });

  it("accepts no spelling that is not canonical", async () => {
    const { ours, theirs } = await setUp();
    for (const part of ["header", "claims", "signature"] as const) {
      const claims = goodClaims();
      // Until the part has bits that nobody reads.
      while (encodeBase64Url(encoder.encode(JSON.stringify(claims))).length % 4 === 0) claims.sub += "1";
      const header = { ...goodHeader(), typ: "application/at+jwt" };
      const token = await sign(header, claims, { [part]: respelt });
      const plain = await sign(header, claims);
      assertEquals(token.length === plain.length && token !== plain, true, `${part} is spelt in one way`);
      assertEquals([await ours(token), await theirs(token)], [false, false], part);
    }
  });

  for (const aud of [["A", 5], [AUDIENCE, 5], [AUDIENCE, ""], [AUDIENCE, [AUDIENCE]], [], "", null, 5, {}]) {
    it(`accepts no audience such as ${JSON.stringify(aud)}`, async () => {
      const { ours, theirs } = await setUp();
      const token = await sign(goodHeader(), { ...goodClaims(), aud });
      assertEquals([await ours(token), await theirs(token)], [false, false]);
    });
  }

  for (
    const change of [
      { use: "enc" },
      { use: 5 },
      { alg: "RS512" },
      { alg: "PS256" },
      { key_ops: ["sign"] },
      { key_ops: ["encrypt"] },
      { key_ops: [] },
    ]
  ) {
    it(`accepts no signature of a key with ${JSON.stringify(change)}`, async () => {
      // Theirs goes by Web Crypto, which in workerd does not look at everything.
      assertEquals(await (await setUp(change)).ours(await sign(goodHeader(), goodClaims())), false);
    });
  }

  for (const change of [{ use: undefined, alg: undefined }, { key_ops: ["verify"] }, { ext: false }]) {
    it(`accepts a signature of a key with ${JSON.stringify(change)}`, async () => {
      const { ours, theirs } = await setUp(change);
      const token = await sign(goodHeader(), goodClaims());
      assertEquals([await ours(token), await theirs(token)], [true, true]);
    });
  }

  it("accepts nothing that that refuses, whatever is signed", async () => {
    const { ours, theirs } = await setUp();
    const rarely = <T>(usual: T, odd: fc.Arbitrary<unknown>) =>
      fc.oneof({ arbitrary: fc.constant<unknown>(usual), weight: 4 }, { arbitrary: odd, weight: 1 });
    const time = fc.oneof(
      fc.double({ min: -7, max: 7, noNaN: true }).map((offset) => seconds() + offset),
      fc.constantFrom(1e300, -1e300, 9e15, -1, 0),
      fc.jsonValue(),
    );
    const header = fc.record({
      typ: rarely("at+jwt", fc.oneof(fc.constantFrom("application/at+jwt", "JWT", "AT+JWT"), fc.jsonValue())),
      alg: rarely("RS256", fc.constantFrom("RS384", "RS512", "none", "HS256", "")),
      kid: rarely(
        "ins_1",
        fc.oneof(fc.constantFrom("undefined", "__proto__", "constructor"), fc.jsonValue()),
      ),
      cat: rarely(undefined, fc.jsonValue()),
    });
    const claims = fc.record({
      sub: rarely("user_1", fc.oneof(fc.constantFrom("", "mch_1"), fc.jsonValue())),
      aud: rarely(
        AUDIENCE,
        fc.oneof(fc.array(fc.oneof(fc.constant(AUDIENCE), fc.jsonValue())), fc.jsonValue()),
      ),
      exp: rarely(seconds() + 600, time),
      iat: rarely(seconds() - 60, time),
      nbf: rarely(undefined, time),
      scope: rarely("profile", fc.jsonValue()),
      scp: rarely(undefined, fc.jsonValue()),
      client_id: rarely("client-1", fc.jsonValue()),
      jti: rarely("oat_1", fc.jsonValue()),
      act: rarely(undefined, fc.jsonValue()),
    });
    const spelling = fc.constantFrom<Spelling>({}, {}, {}, { header: respelt }, { claims: respelt }, {
      signature: respelt,
    }, { signature: (text) => `${text}==` });
    let accepted = 0;
    const property = fc.asyncProperty(header, claims, spelling, async (head, body, spelt) => {
      const token = await sign(head, body, spelt);
      // Asked twice: time goes on meanwhile, and a token may begin or cease to be valid.
      const isTheirs = await theirs(token);
      if (!await ours(token)) return;
      accepted++;
      assertEquals(isTheirs || await theirs(token), true, token);
    });
    await fc.assert(property, { numRuns: CASES });
    assertEquals(accepted > CASES / 100, true, `${accepted} were accepted`);
  });
});
