import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  authorizationCodeRequest,
  readTokenResponse,
  refreshRequest,
  type TextResponse,
} from "../doors/core.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";

const ENDPOINT = "https://clerk.example.com/oauth/token";
const SENT_AT = 1_700_000_000_000;
const SECRETS = ["c0de/with+special=characters", "the-verifier"];

function read(body: unknown, status = 200) {
  return readTokenResponse(answer(body, status), { sentAt: SENT_AT, secrets: SECRETS });
}

function answer(body: unknown, status: number): TextResponse {
  return { status, headers: new Headers(), text: typeof body === "string" ? body : JSON.stringify(body) };
}

function expiresAt(members: Record<string, unknown>): number | undefined {
  return read({ access_token: "oat_1", ...members }).expiresAt;
}

describe("authorizationCodeRequest()", () => {
  it("posts the grant as a form (RFC 6749, section 4.1.3; RFC 7636, section 4.5)", () => {
    const { body, ...request } = authorizationCodeRequest(ENDPOINT, {
      clientId: "client",
      code: "a+b/c=&d",
      codeVerifier: "verifier",
      redirectUri: "http://127.0.0.1:1234/callback",
    });
    assertEquals(request, {
      method: "POST",
      url: ENDPOINT,
      headers: { "accept": "application/json", "content-type": "application/x-www-form-urlencoded" },
    });
    assertEquals(Object.fromEntries(new URLSearchParams(body)), {
      grant_type: "authorization_code",
      client_id: "client",
      code: "a+b/c=&d",
      code_verifier: "verifier",
      redirect_uri: "http://127.0.0.1:1234/callback",
    });
  });
});

describe("refreshRequest()", () => {
  it("names no scope, so that none is lost (RFC 6749, section 6)", () => {
    const { body } = refreshRequest(ENDPOINT, { clientId: "client", refreshToken: "r+1" });
    assertEquals(Object.fromEntries(new URLSearchParams(body)), {
      grant_type: "refresh_token",
      client_id: "client",
      refresh_token: "r+1",
    });
  });
});

describe("readTokenResponse() reads", () => {
  it("a complete response", () => {
    assertEquals(
      read({
        access_token: "oat_1",
        refresh_token: "rt_1",
        id_token: "opaque",
        token_type: "bearer",
        expires_in: 86_400,
        scope: "openid email",
        further: { member: true },
      }),
      {
        accessToken: "oat_1",
        refreshToken: "rt_1",
        idToken: "opaque",
        expiresAt: SENT_AT + 86_400_000,
        scope: "openid email",
        tokenType: "bearer",
      },
    );
  });

  it("a response with only an access token", () => {
    assertEquals(read({ access_token: "oat_1" }), { accessToken: "oat_1" });
  });

  it("members of other types, or empty, as missing", () => {
    assertEquals(
      read({
        access_token: "oat_1",
        refresh_token: 7,
        id_token: null,
        scope: ["a"],
        token_type: "",
        expires_in: {},
      }),
      { accessToken: "oat_1" },
    );
    assertEquals(read({ access_token: "oat_1", refresh_token: "", scope: "" }), { accessToken: "oat_1" });
  });

  it("a refresh token that could not be sent again as missing", () => {
    assertEquals(read({ access_token: "oat_1", refresh_token: "line\nbreak" }), { accessToken: "oat_1" });
  });
});

describe("readTokenResponse() computes the expiry", () => {
  it("from expires_in, counted from when the request was sent", () => {
    assertEquals(expiresAt({ expires_in: 60 }), SENT_AT + 60_000);
    assertEquals(expiresAt({ expires_in: 0.5 }), SENT_AT + 500);
  });

  it("from an expires_in that is a string", () => {
    assertEquals(expiresAt({ expires_in: "3600" }), SENT_AT + 3_600_000);
  });

  it("as now for a lifetime of zero or less", () => {
    assertEquals(expiresAt({ expires_in: 0 }), SENT_AT);
    assertEquals(expiresAt({ expires_in: -5 }), SENT_AT);
  });

  const exp = 1_800_000_000;
  const jwt = unsignedJwt({ sub: "user_1", exp });
  for (const lifetime of [undefined, null, "", " ", "soon", true, [], 1e300, 1e13, "1e300", "Infinity"]) {
    it(`from the exp of a JWT if expires_in is ${JSON.stringify(lifetime)}`, () => {
      assertEquals(expiresAt({ access_token: jwt, expires_in: lifetime }), exp * 1000);
    });
  }

  it("from the exp of a JWT by the issuer's clock, if the response has a date", () => {
    const date = new Date(SENT_AT + 90_000).toUTCString();
    const { expiresAt } = readTokenResponse(
      { ...answer({ access_token: jwt }, 200), headers: new Headers({ date }) },
      { sentAt: SENT_AT, secrets: [] },
    );
    assertEquals(expiresAt, exp * 1000 - 90_000);
  });

  it("from expires_in even if a JWT says something else", () => {
    assertEquals(expiresAt({ access_token: jwt, expires_in: 60 }), SENT_AT + 60_000);
  });

  it("as unknown if nothing tells", () => {
    assertEquals(expiresAt({}), undefined);
    assertEquals(expiresAt({ access_token: unsignedJwt({ sub: "user_1" }) }), undefined);
  });

  for (const wrong of ["1800000000", 1e300, 1e13, null]) {
    it(`as unknown if the exp of a JWT is ${JSON.stringify(wrong)}`, () => {
      assertEquals(expiresAt({ access_token: unsignedJwt({ exp: wrong }) }), undefined);
    });
  }

  it("always as a valid JavaScript date", () => {
    for (const lifetime of [8.64e12, 8.6e12, 9e12, 1e12, 1]) {
      const at = expiresAt({ expires_in: lifetime });
      if (at !== undefined) new Date(at).toISOString();
    }
  });
});

describe("readTokenResponse() rejects", () => {
  const unusable: Record<string, unknown> = {
    "HTML": "<!doctype html><title>Sign in</title>",
    "an empty body": "",
    "text": "access_token=oat_1",
    "JSON that is cut off": '{"access_token": "oat_1"',
    "a list": [{ access_token: "oat_1" }],
    "null": null,
    "a string": '"oat_1"',
    "no access_token": { token_type: "Bearer", expires_in: 60 },
    "an empty access_token": { access_token: "" },
    "an access_token that is a number": { access_token: 12 },
    "an access_token with a line break": { access_token: "oat_1\r\nX-Injected: 1" },
    "an access_token with a space": { access_token: "oat_1 oat_2" },
    "an access_token beyond ASCII": { access_token: "oat_é" },
    "another token_type (RFC 6749, section 7.1)": { access_token: "oat_1", token_type: "DPoP" },
  };
  for (const [what, body] of Object.entries(unusable)) {
    it(what, async () => {
      const { code, status, retryable } = await caught(() => read(body));
      assertEquals({ code, status, retryable }, { code: "token_exchange", status: 200, retryable: false });
    });
  }

  it("an error, whatever the status says", async () => {
    for (const status of [200, 400, 401]) {
      const body = { error: "invalid_grant", error_description: "The grant is gone" };
      const { code, oauthError, message } = await caught(() => read(body, status));
      assertEquals({ code, oauthError }, { code: "token_exchange", oauthError: "invalid_grant" });
      assertStringIncludes(message, "invalid_grant: The grant is gone");
    }
  });

  it("an error in Clerk's own shape", async () => {
    const errors = [{ message: "no", long_message: "Not at all", code: "form_param_invalid" }];
    const { oauthError, message } = await caught(() => read({ errors, clerk_trace_id: "1" }, 422));
    assertEquals(oauthError, "form_param_invalid");
    assertStringIncludes(message, "status 422 (form_param_invalid: Not at all)");
  });

  it("a token in an unsuccessful response", async () => {
    assertEquals((await caught(() => read({ access_token: "oat_1" }, 400))).code, "token_exchange");
    assertEquals((await caught(() => read({ access_token: "oat_1" }, 201))).code, "token_exchange");
  });

  for (
    const [status, retryable] of [
      [400, false],
      [401, false],
      [403, false],
      [404, false],
      [408, true],
      [425, true],
      [
        429,
        true,
      ],
      [500, true],
      [503, true],
    ] as const
  ) {
    it(`status ${status}, ${retryable ? "retryable" : "not retryable"}`, async () => {
      const error = await caught(() => read("<html>", status));
      assertEquals([error.code, error.status, error.retryable], ["token_exchange", status, retryable]);
    });
  }
});

describe("readTokenResponse() keeps secrets out of its errors", () => {
  const secret = SECRETS[0]!;
  const echoes: Record<string, unknown> = {
    "in the description": { error: "invalid_grant", error_description: `The code ${secret} is used` },
    "in the error": { error: secret },
    "in a long error": { error: `${"e".repeat(60)}${secret}` },
    "percent-encoded": { error: "invalid_grant", error_description: `code=${encodeURIComponent(secret)}` },
    "form-encoded": {
      error: "invalid_grant",
      error_description: String(new URLSearchParams({ code: secret })),
    },
    "percent-encoded in small letters": {
      error: "invalid_grant",
      error_description: encodeURIComponent(secret).replaceAll(/%../g, (octet) => octet.toLowerCase()),
    },
    "as JSON in JSON": {
      error: "invalid_grant",
      error_description: JSON.stringify({ code: secret }).replaceAll("/", "\\/"),
    },
    "in Clerk's shape": { errors: [{ code: "bad", message: secret, long_message: `bad ${secret}` }] },
    "the other secret": { error: "invalid_grant", error_description: SECRETS[1] },
  };
  for (const [where, body] of Object.entries(echoes)) {
    it(`echoed ${where}`, async () => {
      const said = everythingSaidBy(await caught(() => read(body, 400)));
      for (const part of ["c0de", "special", "characters", "the-verifier"]) {
        assertFalse(said.includes(part), said);
      }
    });
  }

  it("when longer than a message", async () => {
    const long = "s3cret".repeat(200);
    const task = () =>
      readTokenResponse(answer({ error: long, error_description: `x ${long}` }, 400), {
        sentAt: SENT_AT,
        secrets: [long],
      });
    assertFalse(everythingSaidBy(await caught(task)).includes("s3cret"));
  });

  it("including the tokens of the response", async () => {
    const body = { access_token: "oat_marker bad", refresh_token: "rt_marker", token_type: "x" };
    assertFalse(everythingSaidBy(await caught(() => read(body))).includes("marker"));
  });
});

describe("what readTokenResponse() rejects", () => {
  const refusals: [body: unknown, says: string][] = [
    [[], "is not a JSON object"],
    [{}, "has no usable 'access_token'"],
    [{ access_token: "oat_1", token_type: "mac" }, "has a 'token_type' other than Bearer"],
  ];
  for (const [body, says] of refusals) {
    it(`is reported: it ${says}`, async () => {
      const { message, status } = await caught(() => read(body));
      assertEquals([message, status], [`The response of the token endpoint ${says}`, 200]);
    });
  }
});
