import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readResourceMetadata, resourceMetadataRequest } from "../doors/core.ts";
import { caught } from "../harness/caught.ts";

const RESOURCE = new URL("https://api.example.com/me?v=1");
const ISSUERS = ["https://clerk.example.com", "https://clerk.example.org"];
const RIGHT = { resource: RESOURCE.href, authorization_servers: [ISSUERS[1]] };

function read(members: Record<string, unknown>, status = 200) {
  const text = JSON.stringify({ ...RIGHT, ...members });
  return readResourceMetadata({ status, text, headers: new Headers() }, {
    resource: RESOURCE,
    allowedIssuers: ISSUERS,
  });
}

describe("resourceMetadataRequest()", () => {
  it("requests JSON below the origin, before the path and the query", () => {
    assertEquals(resourceMetadataRequest(RESOURCE), {
      method: "GET",
      url: "https://api.example.com/.well-known/oauth-protected-resource/me?v=1",
      headers: { accept: "application/json" },
    });
  });
});

describe("readResourceMetadata()", () => {
  it("returns only the issuer if nothing else is given", () => {
    assertEquals(read({}), { issuer: ISSUERS[1]!, resource: RESOURCE.href });
  });

  it("returns the first allowed issuer, without trailing slashes", () => {
    const authorization_servers = ["https://evil.example", 7, `${ISSUERS[1]}//`, ISSUERS[0]];
    assertEquals(read({ authorization_servers }).issuer, ISSUERS[1]);
  });

  it("returns the client ID and the scopes if they are text", () => {
    assertEquals(read({ clerk_cli_client_id: "client", scopes_supported: ["email", 7, "profile"] }), {
      issuer: ISSUERS[1]!,
      resource: RESOURCE.href,
      clientId: "client",
      scopes: ["email", "profile"],
    });
  });

  it("leaves out what is empty or not text", () => {
    for (const clerk_cli_client_id of ["", 7, null, ["client"]]) {
      for (const scopes_supported of [[], [7], "email", null]) {
        assertEquals(Object.keys(read({ clerk_cli_client_id, scopes_supported })), ["issuer", "resource"]);
      }
    }
  });

  const refused: [what: string, says: string, members: Record<string, unknown>, status?: number][] = [
    ["a response other than 200", "cannot be read (status 404)", {}, 404],
    ["metadata of another resource", "is about another resource", { resource: "https://api.example.com/me" }],
    ["metadata of no resource", "is about another resource", { resource: undefined }],
    ["an issuer that is not allowed", "names no issuer that is allowed", {
      authorization_servers: ["https://x.example"],
    }],
    ["no issuer", "names no issuer that is allowed", { authorization_servers: undefined }],
    ["an issuer outside of a list", "names no issuer that is allowed", { authorization_servers: ISSUERS[0] }],
  ];
  for (const [what, says, members, status] of refused) {
    it(`rejects ${what}`, async () => {
      const error = await caught(() => read(members, status));
      assertEquals([error.code, error.message], ["config", `The metadata of "${RESOURCE.href}" ${says}`]);
      assertStringIncludes(error.action, "allowedIssuers");
    });
  }

  it("rejects anything but a JSON object", async () => {
    const answer = { status: 200, text: "[]", headers: new Headers() };
    const expected = { resource: RESOURCE, allowedIssuers: ISSUERS };
    assertStringIncludes((await caught(() => readResourceMetadata(answer, expected))).message, "status 200");
  });
});
