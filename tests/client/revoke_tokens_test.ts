import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { type ClientContext, revokeTokens } from "../doors/client.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";
import { createLocalContext } from "./support/local_context.ts";

let emulator: Emulator;
let context: ClientContext;
beforeEach(async () => {
  emulator = createEmulator();
  context = await createLocalContext({ emulator, folder: "", storage: "memory" });
});

function asked(): unknown[] {
  return emulator.requests.map(({ form }) => [form.token, form.token_type_hint]);
}

describe("revokeTokens()", () => {
  it("revokes only the refresh token, and with it an access token that is not a JWT", async () => {
    assertEquals(
      await revokeTokens(context, { accessToken: "opaque", refreshToken: "refresh", expiresAt: 7 }),
      [
        { token: "refresh_token", revoked: true },
        { token: "access_token", revoked: true },
      ],
    );
    assertEquals(asked(), [["refresh", "refresh_token"]]);
  });

  it("says until when a JWT stays valid, if that is known", async () => {
    const tokens = { accessToken: unsignedJwt({ sub: "ada" }), refreshToken: "refresh" };
    assertEquals((await revokeTokens(context, { ...tokens, expiresAt: 7 }))[1], {
      token: "access_token",
      revoked: false,
      validUntil: 7,
    });
    assertEquals((await revokeTokens(context, tokens))[1], { token: "access_token", revoked: false });
  });

  it("revokes the access token if there is no other, or says until when it stays valid", async () => {
    const tokens = { accessToken: "opaque", expiresAt: 7 };
    assertEquals(await revokeTokens(context, tokens), [{ token: "access_token", revoked: true }]);
    emulator.faults.add({ endpoint: "revoke", status: 503 });
    const [failed] = await revokeTokens(context, tokens);
    assertEquals([failed?.revoked, failed?.validUntil, failed?.error?.code], [false, 7, "revoke"]);
    assertEquals(asked(), Array(2).fill(["opaque", "access_token"]));
  });

  it("asks the issuer nothing about an API key", async () => {
    assertEquals(await revokeTokens(context, { accessToken: "ak_1", refreshToken: "refresh" }), []);
    assertEquals(asked(), []);
  });

  it("passes on errors other than a failed revocation", async () => {
    const failure = new RangeError("a bug");
    const config = new Proxy(context.config, {
      get: (target, name) => {
        if (name === "endpoints") throw failure;
        return Reflect.get(target, name);
      },
    });
    const error = await revokeTokens({ ...context, config }, { accessToken: "a" }).catch((error) => error);
    assertStrictEquals(error, failure);
  });

  it("can be aborted, and says so", async () => {
    const [revocation] = await revokeTokens(context, { accessToken: "a" }, AbortSignal.abort());
    assertEquals([revocation?.revoked, revocation?.error?.code], [false, "cancelled"]);
  });
});
