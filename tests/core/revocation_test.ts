import { assertEquals, assertFalse } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readRevocationResponse, revocationRequest } from "../doors/core.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";

const ENDPOINT = "https://clerk.example.com/oauth/token/revoke";

describe("revocationRequest() (RFC 7009, section 2.1)", () => {
  it("posts the client, the token and its kind as a form", () => {
    const { method, url, body } = revocationRequest(ENDPOINT, {
      clientId: "client",
      token: "rt+1",
      tokenTypeHint: "refresh_token",
    });
    assertEquals([method, url], ["POST", ENDPOINT]);
    assertEquals(Object.fromEntries(new URLSearchParams(body)), {
      client_id: "client",
      token: "rt+1",
      token_type_hint: "refresh_token",
    });
  });

  it("omits an unknown kind", () => {
    const { body } = revocationRequest(ENDPOINT, { clientId: "client", token: "rt_1" });
    assertEquals(body, "client_id=client&token=rt_1");
  });
});

describe("readRevocationResponse() (RFC 7009, section 2.2)", () => {
  const answer = (status: number, text = "") => ({ status, headers: new Headers(), text });

  it("treats 200 and 204 as done, whatever the body", () => {
    readRevocationResponse(answer(200), "rt_1");
    readRevocationResponse(answer(200, "<html>"), "rt_1");
    readRevocationResponse(answer(204), "rt_1");
  });

  it("treats anything else as not done", async () => {
    const error = await caught(() =>
      readRevocationResponse(answer(400, '{"error":"unsupported_token_type"}'), "rt_1")
    );
    assertEquals([error.code, error.status, error.oauthError], ["revoke", 400, "unsupported_token_type"]);
    assertEquals((await caught(() => readRevocationResponse(answer(503), "rt_1"))).retryable, true);
    assertEquals((await caught(() => readRevocationResponse(answer(202), "rt_1"))).code, "revoke");
  });

  it("does not repeat a token that the response repeats", async () => {
    const text = '{"error":"bad","error_description":"token rt_marker is bad"}';
    assertFalse(
      everythingSaidBy(await caught(() => readRevocationResponse(answer(400, text), "rt_marker")))
        .includes("marker"),
    );
  });
});
