import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { type FormAnswer, ISSUER, obtainTokens, OPAQUE, postForm, refresh, userinfo } from "../flow.ts";

function revoke({ fetch }: Emulator, form: Record<string, string>): Promise<FormAnswer> {
  return postForm(fetch, `${ISSUER}/oauth/token/revoke`, { form: { client_id: "emulator-cli", ...form } });
}

describe("the revocation endpoint", () => {
  it("revokes a refresh token with an empty 200, and its access tokens with it", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { access_token, refresh_token } = await obtainTokens(emulator);
    const url = `${ISSUER}/oauth/token/revoke`;
    const body = new URLSearchParams({
      client_id: "emulator-cli",
      token: String(refresh_token),
      token_type_hint: "refresh_token",
    });
    const response = await emulator.fetch(new Request(url, { method: "POST", body }));
    assertEquals([response.status, await response.text()], [200, ""]);
    assertEquals((await refresh(emulator.fetch, refresh_token)).body.error, "invalid_grant");
    assertEquals((await userinfo(emulator.fetch, access_token)).status, 401);
  });

  it("responds 200 for an unknown token, whatever the hint", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    assertEquals((await revoke(emulator, { token: "unknown" })).status, 200);
    assertEquals((await revoke(emulator, { token: "unknown", token_type_hint: "nonsense" })).status, 200);
    assertEquals((await revoke(emulator, { token: "not.a.jwt" })).status, 200);
    assertEquals((await revoke(emulator, { token: "!.a.jwt" })).status, 200);
  });

  it("rejects a JWT access token with unsupported_token_type, and it stays valid", async () => {
    const emulator = createEmulator();
    const { access_token } = await obtainTokens(emulator);
    const answer = await revoke(emulator, { token: String(access_token), token_type_hint: "access_token" });
    assertEquals([answer.status, answer.body.error], [400, "unsupported_token_type"]);
    assertEquals((await userinfo(emulator.fetch, access_token)).status, 200);
  });

  it("revokes an opaque access token, and its grant", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { access_token, refresh_token } = await obtainTokens(emulator);
    assertEquals((await revoke(emulator, { token: String(access_token) })).status, 200);
    assertEquals((await userinfo(emulator.fetch, access_token)).status, 401);
    assertEquals((await refresh(emulator.fetch, refresh_token)).body.error, "invalid_grant");
  });

  it("responds 200 for a rotated refresh token, and the grant survives", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const first = await obtainTokens(emulator);
    const second = await refresh(emulator.fetch, first.refresh_token);
    assertEquals((await revoke(emulator, { token: String(first.refresh_token) })).status, 200);
    assertEquals((await userinfo(emulator.fetch, second.body.access_token)).status, 200);
    assertEquals((await refresh(emulator.fetch, second.body.refresh_token)).status, 200);
  });

  it("leaves the token of another client alone", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { refresh_token } = await obtainTokens(emulator);
    const { clientId } = emulator.createApplication();
    const answer = await revoke(emulator, { token: String(refresh_token), client_id: clientId });
    assertEquals(answer.status, 200);
    assertEquals((await refresh(emulator.fetch, refresh_token)).status, 200);
  });

  it("rejects an unknown client, and a request without a token", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const unknown = await revoke(emulator, { token: "unknown", client_id: "nobody" });
    assertEquals([unknown.status, unknown.body.error], [401, "invalid_client"]);
    const missing = await revoke(emulator, {});
    assertEquals([missing.status, missing.body.error], [400, "invalid_request"]);
  });

  it("also ends a later sign-in if both share one grant", async () => {
    for (const shareGrantOnRelogin of [false, true]) {
      const emulator = createEmulator({ behavior: { ...OPAQUE, shareGrantOnRelogin } });
      const first = await obtainTokens(emulator);
      const second = await obtainTokens(emulator);
      await revoke(emulator, { token: String(first.refresh_token) });
      const { status } = await userinfo(emulator.fetch, second.access_token);
      assertEquals(status, shareGrantOnRelogin ? 401 : 200);
      assertEquals((await userinfo(emulator.fetch, (await obtainTokens(emulator)).access_token)).status, 200);
    }
  });
});
