import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { cliAuth, type CliAuthFactoryOptions, handle } from "@clerk/cli-auth/server";
import { createCliAuth } from "../doors/server.ts";
import type { EmulatorEndpoint, Fault } from "@clerk/cli-auth/testing";
import type { FakeClock } from "../harness/fake_clock.ts";
import { installSystemClock } from "./support/clock.ts";
import { type Instance, startInstance } from "./support/instance.ts";
import { requestWith } from "./support/request_with.ts";

type Kind = "api_key" | "opaque" | "jwt";
type Trouble = Omit<Fault, "endpoint">;

/** How tokens of a kind begin that are no JWTs. */
const PREFIXES: Record<Kind, string[]> = { api_key: ["ak_"], opaque: ["oat_"], jwt: [] };
/** The rest of a secret that is told by nothing but its value. */
const WITHOUT_DIGITS = "Of-Letters_And-No-Digit_At-All";

const ENDPOINT: Record<Kind, EmulatorEndpoint> = {
  api_key: "verify_api_key",
  opaque: "verify_access_token",
  jwt: "backend_jwks",
};

const AUDIENCE = "https://api.example.com";

let clock: FakeClock;
let instance: Instance | undefined;

async function setUp(kind: Kind, options: CliAuthFactoryOptions = {}) {
  instance ??= startInstance();
  const { emulator, clientConfig } = instance;
  emulator.faults.clear();
  emulator.behavior.verifiedTokensNameAudience = true;
  const token = kind === "api_key"
    ? emulator.createApiKey().secret
    : (await emulator.issueTokens({ format: kind, scopes: ["profile"], audience: AUDIENCE })).accessToken;
  const errors: unknown[] = [];
  const auth = createCliAuth({ clientConfig, ...options }, { variable: () => undefined });
  const route = handle({ auth, onError: (error) => void errors.push(error) });
  return {
    ...instance,
    errors,
    token,
    ask: (sent = token) => route(requestWith(sent)),
    /** Breaks Clerk until it is mended. */
    breakClerk: (fault: Trouble) => emulator.faults.add({ ...fault, endpoint: ENDPOINT[kind], times: 1_000 }),
    mendClerk: () => emulator.faults.clear(),
  };
}

const clerkError = (code: string) => ({ errors: [{ code, message: `planted ${code}`, long_message: code }] });
const JSON_TYPE = { "content-type": "application/json" };

const TROUBLE: Record<string, Trouble> = {
  "500": { status: 500, body: clerkError("internal"), headers: JSON_TYPE },
  "500 with a page of HTML": { status: 500, body: "<html>planted</html>" },
  "502": { status: 502, body: "" },
  "503": { status: 503, body: clerkError("unavailable"), headers: JSON_TYPE },
  "429": { status: 429, body: clerkError("too_many_requests"), headers: JSON_TYPE },
  "408": { status: 408, body: "" },
  "400 of somebody else": {
    status: 400,
    body: "<html>planted</html>",
    headers: { "content-type": "text/html" },
  },
  "half an answer": { cut: "body" },
};

/** What a proxy responds with, or a gateway. */
const SOMEBODY_ELSES: Record<string, Trouble> = {
  "200 with a page of HTML": { status: 200, body: "<html>planted</html>" },
  "200 with nothing": { status: 200, body: "" },
  "200 with an empty object": { status: 200, body: {} },
  "200 with another object": { status: 200, body: { subject: "user_planted", status: "ok" } },
  "404 with a page of HTML": { status: 404, body: "<html>planted</html>" },
  "404 with another object": { status: 404, body: { message: "no route matched planted" } },
  "404 with other errors": { status: 404, body: { errors: [{ message: "planted" }] } },
  "404 without errors": { status: 404, body: { errors: [] } },
};

/** All that a log could show of something. */
function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Reflect.ownKeys(value).map((name) => `${String(name)} ${shown(Reflect.get(value, name))}`).join(
    "\n",
  );
}

async function assertUnavailable(response: Response): Promise<void> {
  const text = await response.text();
  assertEquals(response.status, 503, text);
  assertEquals(JSON.parse(text).error, "unavailable");
  assert(Number(response.headers.get("retry-after")) >= 1);
  assertEquals(response.headers.get("www-authenticate"), null);
  assert(!text.includes("planted"), text);
}

describe("handle() during an outage of Clerk", () => {
  beforeEach(() => {
    // The emulator takes a moment to break an answer off.
    clock = installSystemClock((durationMs) => durationMs >= 100);
  });
  afterEach(() => clock.uninstall());

  for (const kind of ["api_key", "opaque", "jwt"] as const) {
    for (const [name, fault] of Object.entries({ ...TROUBLE, ...SOMEBODY_ELSES })) {
      it(`responds with 503, never 401, and with 200 as soon as it is over: ${kind}, ${name}`, async () => {
        const { ask, breakClerk, mendClerk, errors } = await setUp(kind, { audience: AUDIENCE });
        breakClerk(fault);
        await assertUnavailable(await ask());
        assertEquals(errors.length, 1);
        mendClerk();
        await clock.advance(1_000);
        assertEquals((await ask()).status, 200);
      });
    }

    for (const status of [401, 403]) {
      it(`responds with 500 if Clerk refuses the secret key, and tells only onError: ${kind}, ${status}`, async () => {
        const { ask, breakClerk, errors, clientConfig } = await setUp(kind);
        breakClerk({ status, body: clerkError("clerk_key_invalid"), headers: JSON_TYPE });
        const response = await ask();
        const text = await response.text();
        assertEquals([response.status, JSON.parse(text).error], [500, "config"]);
        assert(!text.includes("planted") && !text.includes(clientConfig.secretKey), text);
        assertStringIncludes(String((errors[0] as Error).message), "secret key");
      });
    }

    for (const [whose, isOwn] of [["its own client", true], ["a client of the caller's", false]] as const) {
      it(`reports no token and no key, even if Clerk's response repeats them: ${kind}, ${whose}`, async () => {
        const { createClient, clientConfig } = instance ??= startInstance();
        const secretKey = isOwn ? `sk_test_${WITHOUT_DIGITS}` : clientConfig.secretKey;
        const { ask, errors, token, breakClerk, mendClerk } = await setUp(
          kind,
          isOwn
            ? { clientConfig: { ...clientConfig, secretKey } }
            : { client: await createClient(), clientConfig: {} },
        );
        for (const sent of [token, ...PREFIXES[kind].map((prefix) => prefix + WITHOUT_DIGITS)]) {
          errors.length = 0;
          const secrets = [sent, ...sent.split("."), secretKey];
          const echo = secrets.join(" ");
          for (const status of [400, 401, 403, 422, 429, 500]) {
            breakClerk({
              status,
              body: { errors: [{ code: "planted", message: echo, long_message: echo, meta: { echo } }] },
              headers: JSON_TYPE,
            });
            const text = await (await ask(sent)).text() + shown(errors);
            for (const secret of secrets) assert(!text.includes(secret), text);
            mendClerk();
            await clock.advance(61_000);
          }
          assert(errors.length >= 5, `${errors.length}`);
        }
      });
    }

    it(`gives up at its deadline, not before: ${kind}`, async () => {
      const { ask, breakClerk, mendClerk, errors } = await setUp(kind, { requestTimeoutMs: 300 });
      breakClerk({ cut: "headers" });
      const response = ask();
      await clock.untilSet(300);
      await clock.advance(299);
      assertEquals(errors, []);
      await clock.advance(1);
      await assertUnavailable(await response);
      assertEquals(errors.length, 1);
      mendClerk();
      await clock.advance(1_000);
      assertEquals((await ask()).status, 200);
    });

    it(`waits for a slow response: ${kind}`, async () => {
      const { ask, breakClerk } = await setUp(kind, { requestTimeoutMs: 300 });
      breakClerk({ delayMs: 200 });
      const response = ask();
      await clock.untilSet(200);
      await clock.advance(200);
      assertEquals((await response).status, 200);
    });

    it(`waits as long as Clerk asks, and asks the caller to do so: ${kind}`, async () => {
      const { ask, breakClerk, mendClerk, calls } = await setUp(kind);
      breakClerk({ ...TROUBLE["429"], headers: { ...JSON_TYPE, "retry-after": "2" } });
      const response = await ask();
      assertEquals([response.status, response.headers.get("retry-after")], [503, "2"]);
      const before = calls();
      for (let count = 0; count < 50; count++) assertEquals((await ask()).status, 503);
      assertEquals(calls(), before);
      mendClerk();
      await clock.advance(2_000);
      assertEquals((await ask()).status, 200);
    });
  }

  it("does not report a secret key that cannot be sent", async () => {
    const { emulator, clientConfig } = startInstance();
    const secretKey = `${clientConfig.secretKey}\nNEXT=line`;
    const { accessToken } = await emulator.issueTokens();
    for (const options of [{}, { client: await startInstance().createClient() }]) {
      const errors: unknown[] = [];
      const auth = cliAuth({ clientConfig: { ...clientConfig, secretKey }, ...options });
      const route = handle({ auth, onError: (error) => void errors.push(error) });
      for (const token of [emulator.createApiKey().secret, accessToken]) {
        const text = await (await route(requestWith(token))).text() + shown(errors);
        assert(!text.includes(clientConfig.secretKey) && !text.includes(token), text);
      }
    }
  });

  it("still accepts JWTs under known keys, and remembered tokens", async () => {
    const { emulator, clientConfig } = startInstance();
    const auth = cliAuth({ clientConfig, cache: { ttlMs: 60_000 } });
    const { secret } = emulator.createApiKey();
    await auth.verifyToken(secret);
    await auth.verifyToken((await emulator.issueTokens()).accessToken);
    for (const endpoint of Object.values(ENDPOINT)) {
      emulator.faults.add({ endpoint, status: 503, times: 1_000 });
    }
    assertEquals((await auth.verifyToken(secret)).subject, emulator.user.id);
    assertEquals(
      (await auth.verifyToken((await emulator.issueTokens()).accessToken)).subject,
      emulator.user.id,
    );
  });

  for (const kind of ["api_key", "opaque"] as const) {
    for (const [name, fault] of Object.entries(SOMEBODY_ELSES)) {
      it(`does not believe somebody else through a client of the caller's either: ${kind}, ${name}`, async () => {
        const { createClient } = instance ??= startInstance();
        const { ask, breakClerk, mendClerk, errors } = await setUp(kind, { client: await createClient() });
        breakClerk(fault);
        await assertUnavailable(await ask());
        assertEquals(errors.length, 1);
        mendClerk();
        assertEquals((await ask()).status, 200);
      });
    }

    for (const [whose, isOwn] of [["its own client", true], ["a client of the caller's", false]] as const) {
      it(`says why Clerk rejects a token: ${kind}, ${whose}`, async () => {
        const { createClient } = instance ??= startInstance();
        const client = await createClient();
        const { ask, breakClerk, mendClerk } = await setUp(kind, isOwn ? {} : { client });
        for (
          const [status, code, message, expected] of [
            [404, "resource_not_found", "OAuth token expired", "OAuth token expired"],
            [400, "", "The API key was revoked.", "API key revoked"],
            [404, "oauth_access_token_expired", "planted", "OAuth access token expired"],
            [404, "planted", "OAuth token planted", "Clerk does not know the token, or it was revoked"],
            [404, "planted", "token expired planted", "Clerk does not know the token, or it was revoked"],
          ] as const
        ) {
          breakClerk({
            status,
            body: { errors: [{ code, message, long_message: message }] },
            headers: JSON_TYPE,
          });
          const response = await ask();
          assertEquals([response.status, (await response.json()).error_description], [401, expected]);
          mendClerk();
          await clock.advance(10_000);
        }
      });
    }
  }

  it("accepts no verdict from a client that cannot tell", async () => {
    const { createClient, emulator } = await setUp("jwt");
    const { authenticateRequest } = await createClient();
    emulator.faults.add({ endpoint: "backend_jwks", times: 1_000, ...TROUBLE["503"] });
    const auth = cliAuth({ client: { authenticateRequest }, requestTimeoutMs: 3_600_000 });
    const { accessToken } = await emulator.issueTokens();
    const answer = handle({ auth, onError: () => {} })(requestWith(accessToken));
    // The client tries several times, after pauses of its own.
    assertEquals((await clock.advanceWhile(answer, 1_000)).status, 503);
  });
});
