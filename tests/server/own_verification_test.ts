import { assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type ClerkClientLike,
  confirmRejection,
  type Credential,
  invalidToken,
  NO_SUBJECT,
  type OpaqueCredential,
  UnavailableError,
  verifyByOwnClient,
  verifyPlainly,
} from "../doors/server.ts";
import { caught } from "../harness/caught.ts";

const API_KEY = { token: "ak_1", type: "api_key" } as const;
const ACCESS_TOKEN = { token: "oat_1", type: "oauth_token" } as const;
const KINDS: OpaqueCredential[] = [API_KEY, ACCESS_TOKEN];

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
    for (const answer of ["<html>", "", null, undefined]) {
      it(`does not believe that ${JSON.stringify(answer)} is Clerk's: ${credential.type}`, async () => {
        const { client } = answering(answer);
        const { code, message } = await caught(() => verifyByOwnClient(client, credential, { secrets: [] }));
        assertEquals([code, message], ["unavailable", "Clerk's answer was no JSON"]);
      });
    }

    for (const state of [{ revoked: true }, { expired: true }]) {
      it(`rejects what Clerk says is ${Object.keys(state)}: ${credential.type}`, async () => {
        const { client } = answering({ subject: "user_1", revoked: false, expired: false, ...state });
        const { code, message } = await caught(() => verifyByOwnClient(client, credential, { secrets: [] }));
        assertEquals([code, message], ["not_authenticated", "The token was revoked or has expired"]);
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

  it("rejects a token for another audience", async () => {
    const error = Object.assign(new Error("mismatch"), { reason: "token-verification-failed" });
    const { client } = failing(error);
    const options = { audience: ["https://x.example"], secrets: [] };
    const failure = await caught(() => verifyByOwnClient(client, ACCESS_TOKEN, options));
    assertEquals([failure.message, failure.cause], ["The token is meant for another audience", error]);
  });

  it("takes the organization from the subject for API keys only", async () => {
    const orgIds = await Promise.all(KINDS.map(async (credential) => {
      const { client } = answering({ subject: "org_1" });
      return (await verifyByOwnClient(client, credential, { secrets: [] })).orgId;
    }));
    assertEquals(orgIds, ["org_1", undefined]);
  });
});

describe("verifyPlainly()", () => {
  it("asks about an API key alone, about an access token with the audiences", async () => {
    const { client, calls } = answering({});
    await verifyPlainly(client, API_KEY, ["https://api.example.com"]);
    await verifyPlainly(client, ACCESS_TOKEN, ["https://api.example.com"]);
    await verifyPlainly(client, ACCESS_TOKEN);
    assertEquals(calls, [["ak_1"], ["oat_1", { audience: ["https://api.example.com"] }], ["oat_1", {}]]);
  });

  it("gives nothing if the client has no such method", async () => {
    const client = { authenticateRequest: () => Promise.reject() };
    for (const credential of KINDS) assertEquals(await verifyPlainly(client, credential), undefined);
  });
});

describe("confirmRejection()", () => {
  const confirm = (
    error: unknown,
    { client }: { client: ClerkClientLike },
    credential: Credential = API_KEY,
  ) => confirmRejection(error, client, credential);

  it("treats a response without a subject as an outage if it was not JSON", async () => {
    const error = invalidToken(NO_SUBJECT);
    for (const credential of KINDS) {
      const confirmed = await confirm(error, answering("<html>"), credential) as UnavailableError;
      assertEquals([confirmed.code, confirmed.message], ["unavailable", "Clerk's answer was no JSON"]);
      assertStrictEquals(confirmed.cause, error);
    }
  });

  it("leaves a rejection alone if it was Clerk's, or nothing more can be found out", async () => {
    const error = invalidToken(NO_SUBJECT);
    for (const client of [answering({}), answering(null), failing(new Error("down"))]) {
      assertStrictEquals(await confirm(error, client), error);
      assertEquals(client.calls.length, 1);
    }
  });

  it("does not ask about any other failure", async () => {
    const client = answering("<html>");
    for (
      const error of [invalidToken("The token is not valid"), new UnavailableError(NO_SUBJECT), undefined]
    ) {
      assertStrictEquals(await confirm(error, client), error);
    }
    assertEquals(client.calls, []);
  });
});
