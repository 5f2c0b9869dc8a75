import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";
import { bringHome, changedResponse, loginWith, openerThat } from "./support/authorization_response.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

const challenges = () => client.requestsTo("authorize").map(({ query }) => query.code_challenge ?? "");
const verifiers = () => client.requestsTo("token").map(({ form }) => form.code_verifier ?? "");

describe("RFC 7636, the client", () => {
  it("section 4.1: MUST create a code verifier for every authorization request", async () => {
    for (let login = 0; login < 4; login++) await client.auth.login();
    assertEquals([new Set(challenges()).size, new Set(verifiers()).size], [4, 4]);
  });

  it("section 4.1: the code verifier is 43 to 128 unreserved characters", async () => {
    await client.auth.login();
    assertMatch(verifiers()[0]!, /^[A-Za-z0-9._~-]{43,128}$/);
  });

  it("sections 4.1 and 7.1: SHOULD have 256 bits of entropy: 32 octets, each of which varies", async () => {
    for (let login = 0; login < 4; login++) await client.auth.login();
    const octets = verifiers().map((verifier) => [...Buffer.from(verifier, "base64url")]);
    assertEquals(octets.map(({ length }) => length), [32, 32, 32, 32]);
    for (let index = 0; index < 32; index++) {
      assert(new Set(octets.map((bytes) => bytes[index])).size > 1, `octet ${index}`);
    }
  });

  it("section 4.2: a client that can MUST use S256", async () => {
    await client.auth.login();
    assertEquals(client.requestsTo("authorize")[0]!.query.code_challenge_method, "S256");
    const digest = createHash("sha256").update(verifiers()[0]!, "ascii").digest("base64url");
    assertEquals(challenges(), [digest]);
  });

  it("section 4.3: MUST send the code challenge in the authorization request", async () => {
    await client.auth.login();
    assertMatch(challenges()[0]!, /^[\w-]{43}$/);
  });

  it("section 4.5: MUST send the code verifier in the token request", async () => {
    await client.auth.login();
    assertEquals(verifiers().length, 1);
    assert(verifiers()[0]);
  });

  it("section 7.2: MUST NOT fall back to plain if the server refuses S256", async () => {
    const openBrowser = changedResponse((parameters) => {
      parameters.delete("code");
      parameters.set("error", "invalid_request");
      parameters.set("error_description", "transform algorithm not supported");
    });
    const error = await caught(() => loginWith(client, openBrowser));
    assertEquals([error.code, client.requestsTo("token").length], ["token_exchange", 0]);
    assertEquals(client.requestsTo("authorize").map(({ query }) => query.code_challenge_method), ["S256"]);
  });

  it("section 7.1: the code verifier stays with the client until the token request", async () => {
    let early = "";
    const openBrowser = openerThat(async (response) => {
      early = JSON.stringify([client.emulator.requests, client.events]);
      await bringHome(response);
    });
    await loginWith(client, openBrowser);
    assertFalse(early.includes(verifiers()[0]!));
  });

  it("section 4.6: a code of another request ends the login, and the verifier is in no error", async () => {
    let stolen = "";
    const closed = new AbortController();
    const first = openerThat((response) => {
      stolen = response.searchParams.get("code") ?? "";
      closed.abort();
    });
    await caught(() => client.another({ openBrowser: first }).login({ signal: closed.signal }));
    const openBrowser = changedResponse((parameters) => parameters.set("code", stolen));
    const error = await caught(() => loginWith(client, openBrowser));
    assertEquals([error.code, error.oauthError, client.entries.size], ["token_exchange", "invalid_grant", 0]);
    assertFalse(everythingSaidBy(error).includes(verifiers()[0]!));
  });
});
