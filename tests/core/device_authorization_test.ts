import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { deviceAuthorizationRequest, deviceTokenRequest, readDeviceAuthorization } from "../doors/core.ts";
import { caught } from "../harness/caught.ts";

const RIGHT = {
  device_code: "the-device-code",
  user_code: "WDJB-MJHT",
  verification_uri: "https://example.com/device",
  expires_in: 1800,
};

function read(members: Record<string, unknown>, status = 200) {
  const text = JSON.stringify({ ...RIGHT, ...members });
  return readDeviceAuthorization({ status, text, headers: new Headers() });
}

describe("the requests of the device grant", () => {
  it("name the client and the scopes (RFC 8628, section 3.1)", () => {
    const { method, body } = deviceAuthorizationRequest("https://x.example/device", {
      clientId: "cli",
      scopes: ["openid", "email"],
    });
    assertEquals([method, body], ["POST", "client_id=cli&scope=openid+email"]);
  });

  it("name the device code and its grant type (RFC 8628, section 3.4)", () => {
    const { body } = deviceTokenRequest("https://x.example/token", { clientId: "cli", deviceCode: "a b" });
    assertEquals(Object.fromEntries(new URLSearchParams(body)), {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      client_id: "cli",
      device_code: "a b",
    });
  });
});

describe("readDeviceAuthorization()", () => {
  it("returns what to show the user, and polls every five seconds unless the issuer says otherwise", () => {
    assertEquals(read({}), {
      deviceCode: "the-device-code",
      userCode: "WDJB-MJHT",
      verificationUri: "https://example.com/device",
      lifetimeMs: 1_800_000,
      intervalMs: 5000,
    });
    assertEquals(read({ interval: 7 }).intervalMs, 7000);
  });

  it("returns the URL that contains the code", () => {
    const verification_uri_complete = "https://example.com/device?user_code=WDJB-MJHT";
    assertEquals(read({ verification_uri_complete }).verificationUriComplete, verification_uri_complete);
  });

  it("leaves out a URL that is not safe to open", () => {
    for (const verification_uri_complete of ["javascript:alert(1)", "http://example.com/device", 7, ""]) {
      assertEquals(read({ verification_uri_complete }).verificationUriComplete, undefined);
    }
  });

  it("polls every five seconds if the interval is invalid, and never continuously", () => {
    for (const interval of [0, -1, "2", null]) assertEquals(read({ interval }).intervalMs, 5000);
    assertEquals(read({ interval: 1e-9 }).intervalMs, 100);
  });

  it("limits the lifetime to half an hour", () => {
    assertEquals(read({ expires_in: 1e300 }).lifetimeMs, 30 * 60 * 1000);
  });

  it("makes the code safe for a terminal", () => {
    assertEquals(read({ user_code: "\u001b[2JAB\r\nCD" }).userCode, "[2JAB CD");
  });

  const unusable: Record<string, unknown>[] = [
    { device_code: undefined },
    { device_code: "a b" },
    { user_code: undefined },
    { user_code: "\u200b" },
    { verification_uri: undefined },
    { verification_uri: "http://example.com/device" },
    { verification_uri: "file:///etc/passwd" },
    { verification_uri: "https://example.com/\u001b[2J" },
    { expires_in: undefined },
    { expires_in: 0 },
    { expires_in: "1800" },
  ];
  for (const members of unusable) {
    it(`rejects a response with ${JSON.stringify(members)} or without`, async () => {
      const error = await caught(() => read(members));
      assertEquals([error.code, error.retryable], ["token_exchange", false]);
      assertStringIncludes(error.message, Object.keys(members)[0]!);
    });
  }

  it("accepts a page on this machine, for development", () => {
    for (const verification_uri of ["http://127.0.0.1:1/device", "http://localhost/device"]) {
      assertEquals(read({ verification_uri }).verificationUri, verification_uri);
    }
    for (const verification_uri of ["ftp://127.0.0.1/device", ["https://example.com/device"]]) {
      assertThrows(() => read({ verification_uri }));
    }
  });

  it("rejects a response that only its status or its error makes invalid", async () => {
    assertEquals((await caught(() => read({}, 201))).status, 201);
    assertEquals((await caught(() => read({ error: "invalid_client" }))).oauthError, "invalid_client");
    assertEquals(read({ error: 7 }).userCode, "WDJB-MJHT");
  });

  it("rejects anything but a JSON object", async () => {
    for (const text of ["", "[]", "null", '"text"']) {
      const error = await caught(() =>
        readDeviceAuthorization({ status: 200, text, headers: new Headers() })
      );
      assertEquals([error.code, error.status], ["token_exchange", 200]);
    }
  });

  it("rejects an error, with the issuer's reason", async () => {
    const error = await caught(() => read({ error: "unauthorized_client" }, 400));
    assertEquals([error.code, error.status, error.oauthError], [
      "token_exchange",
      400,
      "unauthorized_client",
    ]);
  });
});
