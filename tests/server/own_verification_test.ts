import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type ClerkClientLike,
  explained,
  invalidToken,
  type OpaqueCredential,
  UnavailableError,
  verifyByOwnClient,
} from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { apiError } from "./support/api_error.ts";
import { outcome } from "./support/outcome.ts";

const API_KEY = { token: "ak_1", type: "api_key" } as const;
const ACCESS_TOKEN = { token: "oat_1", type: "oauth_token" } as const;
const KINDS: OpaqueCredential[] = [API_KEY, ACCESS_TOKEN];
const NAMES = { api_key: "API key", oauth_token: "OAuth token" };

/** What Clerk says of a token that is good. */
const GOOD = {
  id: "1",
  subject: "user_1",
  clientId: "client-1",
  scopes: [],
  revoked: false,
  expired: false,
  expiration: null,
};

/** A client whose own call about a token ends in one way. */
function clientThat(verify: () => Promise<unknown>) {
  const calls: unknown[][] = [];
  const call = (...args: unknown[]) => (calls.push(args), verify());
  const client: ClerkClientLike = {
    authenticateRequest: () => Promise.reject(),
    apiKeys: { verify: call },
    idPOAuthAccessToken: { verify: call },
  };
  return { client, calls };
}

const answering = (answer: unknown) => clientThat(() => Promise.resolve(answer));
const failing = (error: unknown) => clientThat(() => Promise.reject(error));

describe("verifyByOwnClient()", () => {
  for (const credential of KINDS) {
    const lacking = ["id", "subject", "scopes", "revoked", "expired"].map((name) => ({
      ...GOOD,
      [name]: undefined,
    }));
    for (const answer of ["<html>", "", null, undefined, {}, ["a"], { active: true }, ...lacking]) {
      it(`does not believe that ${JSON.stringify(answer)} is Clerk's: ${credential.type}`, async () => {
        const { client } = answering(answer);
        const { code, message } = await caught(() => verifyByOwnClient(client, credential, { secrets: [] }));
        assertEquals([code, message], ["unavailable", "The response about the token was not Clerk's"]);
      });
    }

    for (
      const [answer, state] of [
        [{ ...GOOD, revoked: true }, "revoked"],
        [{ ...GOOD, expired: true }, "expired"],
        [{ active: false }, "expired"],
      ] as const
    ) {
      it(`rejects what Clerk says is dead: ${JSON.stringify(answer)}, ${credential.type}`, async () => {
        const { client } = answering(answer);
        const { code, message } = await caught(() => verifyByOwnClient(client, credential, { secrets: [] }));
        assertEquals([code, message], ["not_authenticated", `${NAMES[credential.type]} ${state}`]);
      });
    }

    for (
      const [expiration, expiresAt] of [
        [1_900_000_000, 1_900_000_000_000],
        [1_900_000_000_000, 1_900_000_000_000],
        [null, undefined],
        ["2030-01-01", undefined],
      ] as const
    ) {
      it(`reads an expiration of ${expiration} as ${expiresAt} ms: ${credential.type}`, async () => {
        const { client } = answering({ ...GOOD, expiration });
        assertEquals((await verifyByOwnClient(client, credential, { secrets: [] })).expiresAt, expiresAt);
      });
    }

    for (const error of [new TypeError("a mistake"), { reason: "token-invalid" }, null, undefined]) {
      it(`does not treat a mistake as a rejection: ${error}, ${credential.type}`, async () => {
        const { client } = failing(error);
        const failure = await caught(() => verifyByOwnClient(client, credential, { secrets: [] }));
        assertEquals([failure.code, failure.message], [
          "config",
          "The Clerk client failed to verify a token",
        ]);
        if (error instanceof Error) assertStrictEquals(failure.cause, error);
      });
    }
  }

  for (
    const [aud, expected] of [
      [["https://x.example"], "accepted"],
      [undefined, "invalid_token"],
      [["https://y.example"], "invalid_token"],
      [["https://x.example", 5], "invalid_token"],
    ] as const
  ) {
    it(`checks the audience itself: ${JSON.stringify(aud)}`, async () => {
      const { client } = answering({ ...GOOD, aud });
      const options = { audience: ["https://x.example"], secrets: [] };
      assertEquals(await outcome(() => verifyByOwnClient(client, ACCESS_TOKEN, options)), expected);
      assertEquals(await outcome(() => verifyByOwnClient(client, API_KEY, options)), "accepted");
    });
  }

  it("takes the organization from the subject for API keys only", async () => {
    const orgIds = await Promise.all(KINDS.map(async (credential) => {
      const { client } = answering({ ...GOOD, subject: "org_1" });
      return (await verifyByOwnClient(client, credential, { secrets: [] })).orgId;
    }));
    assertEquals(orgIds, ["org_1", undefined]);
  });

  it("asks about the token alone", async () => {
    const { client, calls } = answering(GOOD);
    for (const credential of KINDS) await verifyByOwnClient(client, credential, { secrets: [] });
    assertEquals(calls, [["ak_1"], ["oat_1"]]);
  });

  it("believes nothing if the client has no such method", async () => {
    const client: ClerkClientLike = { authenticateRequest: () => Promise.reject() };
    for (const credential of KINDS) {
      assertEquals(
        await outcome(() => verifyByOwnClient(client, credential, { secrets: [] })),
        "unavailable",
      );
    }
  });
});

describe("explained()", () => {
  const explain = (
    error: unknown,
    { client }: { client: ClerkClientLike },
    credential: OpaqueCredential = API_KEY,
  ) => explained(error, () => verifyByOwnClient(client, credential, { secrets: [] }));
  const rejection = invalidToken("The token is not valid");
  const limited = new UnavailableError("limited", { clerkStatus: 429, cause: "why" });

  it("treats a rejection as an outage if the response was not Clerk's", async () => {
    for (const credential of KINDS) {
      for (const client of [answering("<html>"), failing(apiError(404, { somebodyElses: true }))]) {
        assertEquals((await explain(rejection, client, credential) as UnavailableError).code, "unavailable");
      }
    }
  });

  it("gives the reason that Clerk gives", async () => {
    const { message } = await explain(rejection, answering({ ...GOOD, revoked: true })) as Error;
    assertEquals(message, "API key revoked");
  });

  it("leaves a rejection alone if Clerk has none, or nothing more can be found out", async () => {
    for (const client of [answering(GOOD), failing(new Error("down"))]) {
      assertStrictEquals(await explain(rejection, client), rejection);
      assertEquals(client.calls.length, 1);
    }
  });

  it("leaves a rate limit alone unless Clerk still limits us", async () => {
    for (const client of [answering(GOOD), answering({}), failing(apiError(404)), failing(apiError(503))]) {
      assertStrictEquals(await explain(limited, client), limited);
      assertEquals(client.calls.length, 1);
    }
  });

  for (
    const [what, retryAfterMs, { client }] of [
      ["as long as Clerk asks", 7_000, failing(apiError(429, { retryAfter: 7 }))],
      ["a minute at most", 60_000, failing(apiError(429, { retryAfter: 31_536_000 }))],
      ["a second if Clerk does not say for how long", 1_000, failing(apiError(429))],
      ["a second if Clerk limits us no more", 1_000, answering({})],
      ["a second if the call fails", 1_000, failing(new Error("down"))],
    ] as const
  ) {
    it(`says to wait ${what}`, async () => {
      for (const credential of KINDS) {
        const error = await explain(limited, { client }, credential) as UnavailableError;
        assertEquals([error.clerkStatus, error.retryAfterMs], [429, retryAfterMs]);
      }
    });
  }

  it("asks once about a rejection that turns out to be a rate limit", async () => {
    const client = failing(apiError(429, { retryAfter: 7 }));
    const error = await explain(rejection, client) as UnavailableError;
    assertEquals([error.clerkStatus, error.retryAfterMs, client.calls.length], [429, 7_000, 1]);
  });

  it("does not ask about any other failure", async () => {
    const client = answering("<html>");
    const others = [new UnavailableError("down", { clerkStatus: 503 }), new Error("a mistake"), undefined];
    for (const error of others) assertStrictEquals(await explain(error, client), error);
    assertEquals(client.calls, []);
  });
});
