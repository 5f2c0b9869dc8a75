import { assertEquals, assertFalse } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type IdentityQuestion, identityRequest, readIdentity } from "../doors/core.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";

const QUESTION = {
  step: "userinfo",
  endpointName: "The userinfo endpoint",
  url: "https://clerk.example.com/oauth/userinfo",
  token: "oat_marker",
} as const;

const read = (body: unknown, status = 200, question: IdentityQuestion = QUESTION) =>
  readIdentity(
    { status, headers: new Headers(), text: typeof body === "string" ? body : JSON.stringify(body) },
    question,
  );

describe("identityRequest()", () => {
  it("sends a bearer token (RFC 6750, section 2.1)", () => {
    assertEquals(identityRequest(QUESTION), {
      method: "GET",
      url: QUESTION.url,
      headers: { accept: "application/json", authorization: "Bearer oat_marker" },
    });
  });

  for (const token of ["", "two words", "line\nbreak", "line\r\nHost: evil", "ümlaut", "tab\t"]) {
    it(`rejects the token ${JSON.stringify(token)}, without repeating it`, async () => {
      const error = await caught(() => identityRequest({ ...QUESTION, step: "verify_api_key", token }));
      assertEquals(error.code, "verify_api_key");
      if (token) assertFalse(error.message.includes(token));
    });
  }
});

describe("readIdentity()", () => {
  it("returns the identity with all its fields", () => {
    const user = { sub: "user_1", email: "ada@example.com", custom: { a: 1 } };
    assertEquals(read(user), user);
  });

  for (const body of ["", "<html>", "null", [], {}, { sub: "" }, { sub: 7 }, { user_id: "user_1" }]) {
    it(`rejects ${JSON.stringify(body)}`, async () => {
      const { code, status, message } = await caught(() => read(body));
      assertEquals([code, status], ["userinfo", 200]);
      assertEquals(message, "The userinfo endpoint did not return an identity");
    });
  }

  it("rejects an identity in an unsuccessful response", async () => {
    assertEquals((await caught(() => read({ sub: "user_1" }, 203))).status, 203);
  });

  const actions: [status: number, userinfo: string, backend: string][] = [
    [200, "Check the issuer's address", "Check the address of the identity endpoint"],
    [401, "Sign in again", "Check that the token is complete, still valid, and meant for this backend"],
    [403, "Sign in again", "Check that the token is complete, still valid, and meant for this backend"],
    [404, "Check the issuer's address", "Check the address of the identity endpoint"],
    [429, "Try again later", "Try again later; the backend's log says more"],
    [503, "Try again later", "Try again later; the backend's log says more"],
  ];
  for (const [status, userinfo, backend] of actions) {
    it(`says what to do about a response with status ${status} without an identity`, async () => {
      const atBackend: IdentityQuestion = { ...QUESTION, step: "verify_api_key" };
      assertEquals((await caught(() => read({}, status))).action, userinfo);
      assertEquals((await caught(() => read({}, status, atBackend))).action, backend);
    });
  }

  it("says why a token was rejected, without the token", async () => {
    const errors = [{ code: "oauth_fetch_user_error", message: "bad", long_message: "oat_marker is bad" }];
    const error = await caught(() => read({ errors }, 401));
    assertEquals([error.code, error.status, error.oauthError], ["userinfo", 401, "oauth_fetch_user_error"]);
    assertFalse(everythingSaidBy(error).includes("marker"));
  });
});
