import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  clerkEndpoints,
  isLoopback,
  parseHttpsUrl,
  parseIssuer,
  trimTrailingSlashes,
} from "../doors/core.ts";
import { caught } from "../harness/caught.ts";
import { assertLinear } from "../harness/linear_time.ts";

describe("parseIssuer()", () => {
  const issuers: Record<string, string> = {
    "https://clerk.example.com": "https://clerk.example.com",
    "https://clerk.example.com/": "https://clerk.example.com",
    "https://clerk.example.com///": "https://clerk.example.com",
    "https://Clerk.Example.com:443/": "https://clerk.example.com",
    "https://clerk.example.com/tenant/": "https://clerk.example.com/tenant",
    "http://127.0.0.1:8787": "http://127.0.0.1:8787",
    "http://127.9.9.9": "http://127.9.9.9",
    "http://localhost:3000/": "http://localhost:3000",
    "http://[::1]:3000": "http://[::1]:3000",
  };
  for (const [issuer, expected] of Object.entries(issuers)) {
    it(`accepts ${issuer}`, () => assertEquals(parseIssuer(issuer), expected));
  }

  const wrong: [value: unknown, rule: string][] = [
    [undefined, "'issuer' is required: got undefined"],
    ["", "'issuer' is required"],
    [null, "'issuer' is required: got null"],
    [42, "'issuer' is required: got 42"],
    ["clerk.example.com", "must be a URL"],
    ["/oauth", "must be a URL"],
    ["https://", "must be a URL"],
    ["ftp://clerk.example.com", "must be an https URL"],
    ["ftp://127.0.0.1", "must be an https URL: got"],
    ["javascript:alert(1)", "must be an https URL"],
    ["http://clerk.example.com", "unless its host is loopback"],
    ["http://127.0.0.1.example.com", "unless its host is loopback"],
    ["http://localhost.example.com", "unless its host is loopback"],
    ["http://0.0.0.0", "unless its host is loopback"],
    ["http://192.168.0.1", "unless its host is loopback"],
    ["https://clerk.example.com/?tenant=1", "neither a query nor a fragment"],
    ["https://clerk.example.com/#tenant", "neither a query nor a fragment"],
    ["https://name@clerk.example.com", "must not contain a user name or password"],
    ["https://name:s3cret@clerk.example.com", "must not contain a user name or password"],
  ];
  for (const [value, rule] of wrong) {
    it(`rejects ${String(value) || "an empty text"}, and says why`, async () => {
      const error = await caught(() => parseIssuer(value));
      assertEquals([error.code, error.exitCode], ["config", 2]);
      assertStringIncludes(error.message, rule);
      assertFalse(error.message.includes("s3cret"));
    });
  }

  it("takes linear time for any number of slashes", () => {
    assertLinear((size) => {
      const slashes = "/".repeat(size);
      assertEquals(parseIssuer(`https://clerk.example.com${slashes}`), "https://clerk.example.com");
      assert(parseIssuer(`https://clerk.example.com${slashes}x${slashes}`).endsWith("/x"));
    }, 5_000);
  });

  it("quotes the value on one line, without control characters", async () => {
    const { message } = await caught(() => parseIssuer("clerk\u001b[2J\r\n.example.com"));
    assertStringIncludes(message, '"clerk [2J .example.com"');
  });

  it("shortens a long value", async () => {
    const { message } = await caught(() => parseIssuer(`ftp://${"x".repeat(100_000)}`));
    assert(message.length < 300);
  });
});

describe("parseHttpsUrl()", () => {
  it("accepts a path and a query, and names what it checks", async () => {
    assertEquals(
      parseHttpsUrl("https://api.example.com/me?v=1", "identityEndpoint").href,
      "https://api.example.com/me?v=1",
    );
    const { message } = await caught(() => parseHttpsUrl("http://api.example.com", "identityEndpoint"));
    assertStringIncludes(message, "'identityEndpoint'");
  });
});

describe("clerkEndpoints()", () => {
  it("are at Clerk's paths", () => {
    assertEquals(clerkEndpoints("https://clerk.example.com"), {
      authorization: "https://clerk.example.com/oauth/authorize",
      token: "https://clerk.example.com/oauth/token",
      revocation: "https://clerk.example.com/oauth/token/revoke",
      userinfo: "https://clerk.example.com/oauth/userinfo",
    });
  });
});

describe("isLoopback()", () => {
  it("is true only for this machine", () => {
    assert(["localhost", "127.0.0.1", "127.255.0.9", "[::1]"].every(isLoopback));
    assertFalse(["", "127.0.0", "x127.0.0.1", "127.0.0.1x", "::1", "[::2]", "localhost."].some(isLoopback));
  });
});

describe("trimTrailingSlashes()", () => {
  it("removes them all, and no others", () => {
    assertEquals(["/a//b//", "a", "///", ""].map(trimTrailingSlashes), ["/a//b", "a", "", ""]);
  });
});
