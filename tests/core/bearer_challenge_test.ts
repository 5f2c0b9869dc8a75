import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type BearerChallenge, readBearerChallenge } from "../doors/core.ts";
import { assertLinear } from "../harness/linear_time.ts";

describe("readBearerChallenge()", () => {
  const cases: Record<string, BearerChallenge | undefined> = {
    "Bearer": { scopes: [] },
    'Bearer realm="api"': { scopes: [] },
    'Bearer error="invalid_token"': { error: "invalid_token", scopes: [] },
    "bearer error=invalid_token": { error: "invalid_token", scopes: [] },
    'Bearer realm="a, b", error="invalid_token", error_description="The \\"token\\" expired"': {
      error: "invalid_token",
      scopes: [],
    },
    'Bearer error="insufficient_scope", scope="notes:read  notes:write"': {
      error: "insufficient_scope",
      scopes: ["notes:read", "notes:write"],
    },
    'Basic realm="api", Bearer error="invalid_token"': { error: "invalid_token", scopes: [] },
    'Bearer error="invalid_token", DPoP error="use_dpop_nonce"': { error: "invalid_token", scopes: [] },
    "Bearer  error=invalid_token": { error: "invalid_token", scopes: [] },
    'Bearer scope="a\\"b"': { scopes: ['a"b'] },
    'Basic realm="api"': undefined,
    "": undefined,
    "BearerLike error=invalid_token": undefined,
  };
  for (const [header, expected] of Object.entries(cases)) {
    it(`reads ${JSON.stringify(header)}`, () => {
      assertEquals(readBearerChallenge(header), expected);
    });
  }

  it("takes linear time", () => {
    for (const part of ["a", "a ", "a=", 'a="', '\\"', "Bearer ", ","]) {
      assertLinear((size) => readBearerChallenge(`Bearer ${part.repeat(size)}`), 2_000);
    }
  });

  it("returns nothing without a header", () => {
    assertEquals(readBearerChallenge(null), undefined);
  });
});
