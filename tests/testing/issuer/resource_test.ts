import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator, createScriptedBrowser, type Emulator } from "@clerk/cli-auth/testing";
import { decodeJwtClaims } from "../../doors/core.ts";
import {
  authorizationUrl,
  exchangeCode,
  type FormAnswer,
  ISSUER,
  obtainCode,
  obtainTokens,
  postForm,
  readCallback,
  refresh,
} from "../flow.ts";

const API = "https://api.example.com/";
const OTHER = "https://other.example.com/";

/** The audience of a JWT. */
function audienceOf({ access_token }: Record<string, unknown>): unknown {
  return decodeJwtClaims(String(access_token))?.aud;
}

/** A device code that is allowed, for a resource. */
async function allowedDevice(emulator: Emulator, resource: string): Promise<string> {
  const form = { client_id: "emulator-cli", resource };
  const url = `${ISSUER}/oauth/device_authorization`;
  const { body } = await postForm(emulator.fetch, url, { form });
  const browser = createScriptedBrowser({ fetch: emulator.fetch });
  await browser.signIn(String(body.verification_uri_complete));
  return String(body.device_code);
}

function exchangeDevice({ fetch }: Emulator, device_code: string, resource?: string): Promise<FormAnswer> {
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
  const form = { grant_type, client_id: "emulator-cli", device_code, resource };
  return postForm(fetch, `${ISSUER}/oauth/token`, { form });
}

describe("a resource (RFC 8707)", () => {
  it("that is granted is the aud of the access token, exactly as written, and of every refreshed one", async () => {
    const emulator = createEmulator();
    const tokens = await obtainTokens(emulator, { resource: API });
    assertEquals(audienceOf(tokens), API);
    const second = await refresh(emulator.fetch, tokens.refresh_token, { resource: API });
    assertEquals(audienceOf(second.body), API);
    const third = await refresh(emulator.fetch, second.body.refresh_token);
    assertEquals(audienceOf(third.body), API);
  });

  it("is also granted to a device", async () => {
    const emulator = createEmulator();
    const code = await allowedDevice(emulator, API);
    assertEquals(audienceOf((await exchangeDevice(emulator, code, API)).body), API);
  });

  it("that was not requested leaves the token without an aud", async () => {
    assertEquals(audienceOf(await obtainTokens(createEmulator())), undefined);
  });

  it("other than the granted one is invalid_target at the token endpoint, and the refresh token stays valid", async () => {
    const emulator = createEmulator();
    const code = await obtainCode(emulator, { parameters: { resource: API } });
    assertEquals(
      (await exchangeCode(emulator.fetch, { ...code, resource: OTHER })).body.error,
      "invalid_target",
    );
    const device = await allowedDevice(emulator, API);
    assertEquals((await exchangeDevice(emulator, device, OTHER)).body.error, "invalid_target");
    const { refresh_token } = await obtainTokens(emulator);
    const refused = await refresh(emulator.fetch, refresh_token, { resource: API });
    assertEquals([refused.status, refused.body.error], [400, "invalid_target"]);
    assertEquals((await refresh(emulator.fetch, refresh_token)).status, 200);
  });

  it("is ignored if the behavior says so", async () => {
    const emulator = createEmulator({ behavior: { resource: "ignore" } });
    const tokens = await obtainTokens(emulator, { resource: API });
    const refreshed = await refresh(emulator.fetch, tokens.refresh_token, { resource: OTHER });
    assertEquals([audienceOf(tokens), audienceOf(refreshed.body)], [undefined, undefined]);
  });

  it("is rejected with invalid_target if the behavior says so, even for a grant that has it", async () => {
    const emulator = createEmulator();
    const { refresh_token } = await obtainTokens(emulator, { resource: API });
    emulator.behavior.resource = "refuse";
    const { url } = await authorizationUrl({ resource: API });
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    const page = await browser.open(url, { stopBefore: ({ origin }) => origin !== ISSUER });
    assertEquals(readCallback(page.url).error, "invalid_target");
    const refused = await refresh(emulator.fetch, refresh_token, { resource: API });
    assertEquals(refused.body.error, "invalid_target");
    assertEquals(audienceOf((await refresh(emulator.fetch, refresh_token)).body), API);
  });
});
