import { assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { ClerkCliAuthError } from "@clerk/cli-auth";
import { caught } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";
import { changedResponse, loginWith, type Opener } from "./support/authorization_response.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient({}, { sendIssuerInRedirect: true });
});
afterEach(() => client.close());

/** How a login fails whose authorization response was changed in transit. */
async function failureWith(change: (parameters: URLSearchParams) => void): Promise<ClerkCliAuthError> {
  return await caught(() => client.another({ openBrowser: changedResponse(change) }).login());
}

/** Issuers that are not the one that the request was sent to. */
const foreign = () => [
  "https://evil.example",
  `${client.issuer}.evil.example`,
  `${client.issuer}/tenant`,
  client.issuer.toUpperCase(),
  encodeURIComponent(client.issuer),
  "",
];

describe("RFC 9207, the client", () => {
  it("section 2.4: MUST extract and decode iss, and proceed if it is the issuer", async () => {
    let iss: string | null = null;
    const openBrowser = changedResponse((parameters) => iss = parameters.get("iss"));
    const { user } = await loginWith(client, openBrowser);
    assertEquals([iss, user.sub], [client.issuer, client.emulator.user.id]);
  });

  it("section 2.4: MUST compare by simple string comparison, and reject a response that does not match", async () => {
    for (const iss of foreign()) {
      const error = await failureWith((parameters) => parameters.set("iss", iss));
      assertEquals(error.code, "token_exchange", iss);
    }
  });

  it("section 2.4: MUST NOT proceed with the grant if it does not match", async () => {
    for (const iss of foreign()) await failureWith((parameters) => parameters.set("iss", iss));
    assertEquals([client.requestsTo("token").length, client.entries.size], [0, 0]);
  });

  it("section 2.4: a repeated iss counts as none, whatever it says", async () => {
    for (const iss of ["https://evil.example", client.issuer]) {
      assertEquals((await failureWith((parameters) => parameters.append("iss", iss))).code, "token_exchange");
    }
    assertEquals(client.requestsTo("token").length, 0);
  });

  it("section 2.4: MUST NOT assume that an error comes from the issuer if iss does not match", async () => {
    const error = await failureWith((parameters) => {
      parameters.delete("code");
      parameters.set("error", "access_denied");
      parameters.set("error_description", "said by someone else");
      parameters.set("iss", "https://evil.example");
    });
    assertEquals([error.code, error.oauthError], ["token_exchange", undefined]);
    assertFalse(error.message.includes("said by someone else"));
  });

  it("section 2.4: an error whose iss matches is the issuer's", async () => {
    const error = await failureWith((parameters) => {
      parameters.delete("code");
      parameters.set("error", "access_denied");
    });
    assertEquals([error.code, error.oauthError], ["access_denied", "access_denied"]);
  });

  it("section 2.4: MUST accept a response without iss from a server that is not known to send it", async () => {
    client.emulator.behavior.sendIssuerInRedirect = false;
    assertEquals((await client.auth.login()).user.sub, client.emulator.user.id);
  });

  it("section 4: mix-up: a response naming the other of two issuers causes a token request to neither", async () => {
    const other = await startTestClient({}, { sendIssuerInRedirect: true });
    try {
      const openBrowser = changedResponse((parameters) => parameters.set("iss", other.issuer));
      await caught(() => loginWith(client, openBrowser));
      assertEquals([client.requestsTo("token").length, other.requestsTo("token").length], [0, 0]);
    } finally {
      await other.close();
    }
  });
});

describe("RFC 9207, the client with discovery", () => {
  const discovering = (openBrowser: Opener) => client.another({ openBrowser, endpoints: "discover" }).login();

  it("section 2.4: MUST reject a response without iss from a server that is known to send it", async () => {
    const openBrowser = changedResponse((parameters) => parameters.delete("iss"));
    const error = await caught(() => discovering(openBrowser));
    assertEquals([error.code, client.requestsTo("token").length], ["token_exchange", 0]);
  });

  it("section 3: believes a server that says that it sends iss", async () => {
    const { user } = await discovering(changedResponse(() => {}));
    assertEquals(user.sub, client.emulator.user.id);
  });
});
