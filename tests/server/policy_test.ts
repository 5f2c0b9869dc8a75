import { assertEquals } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { cliAuth } from "@clerk/cli-auth/server";
import type { EmulatedApplication, Emulator } from "@clerk/cli-auth/testing";
import { assertPolicy, policyOf } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { type Instance, startInstance } from "./support/instance.ts";
import { outcome } from "./support/outcome.ts";

describe("cliAuth() for one CLI only", () => {
  let emulator: Emulator;
  let clientConfig: Instance["clientConfig"];
  let other: EmulatedApplication;
  let own: string[];
  beforeAll(() => {
    ({ emulator, clientConfig } = startInstance());
    other = emulator.createApplication();
    own = [emulator.application.clientId];
  });
  const cache = { ttlMs: 60_000 };

  for (const format of ["jwt", "opaque"] as const) {
    it(`refuses a token of another OAuth application, remembered or not: ${format}`, async () => {
      const tokens = await Promise.all(
        [emulator.application, other].map((application) => emulator.issueTokens({ application, format })),
      );
      const auth = cliAuth({ clientConfig, clientIds: own, cache });
      for (let round = 0; round < 3; round++) {
        const outcomes = tokens.map(({ accessToken }) => outcome(() => auth.verifyToken(accessToken)));
        assertEquals(await Promise.all(outcomes), ["accepted", "invalid_token"]);
      }
    });
  }

  it("accepts every application of the instance without clientIds", async () => {
    const { accessToken } = await emulator.issueTokens({ application: other });
    assertEquals(await outcome(() => cliAuth({ clientConfig }).verifyToken(accessToken)), "accepted");
  });

  it("accepts API keys, which belong to no application", async () => {
    const auth = cliAuth({
      clientConfig,
      clientIds: own,
      audience: "https://api.example.com",
      issuer: emulator.issuer,
    });
    assertEquals(await outcome(() => auth.verifyToken(emulator.createApiKey().secret)), "accepted");
  });

  it("requires the issuer, ignoring a trailing slash", async () => {
    const { accessToken } = await emulator.issueTokens();
    for (
      const [issuer, expected] of [
        [emulator.issuer, "accepted"],
        [`${emulator.issuer}/`, "accepted"],
        ["https://clerk.example.com", "invalid_token"],
      ] as const
    ) {
      const auth = cliAuth({ clientConfig, issuer });
      for (let round = 0; round < 2; round++) {
        assertEquals(await outcome(() => auth.verifyToken(accessToken)), expected);
      }
    }
  });

  it("lets Clerk check the audience of an opaque token", async () => {
    emulator.behavior.verifiedTokensNameAudience = true;
    const audience = "https://api.example.com";
    const auth = cliAuth({ clientConfig, audience, cache });
    const [good, bad] = await Promise.all([
      emulator.issueTokens({ format: "opaque", audience }),
      emulator.issueTokens({ format: "opaque" }),
    ]);
    for (let round = 0; round < 2; round++) {
      assertEquals(await outcome(() => auth.verifyToken(good.accessToken)), "accepted");
      assertEquals(await outcome(() => auth.verifyToken(bad.accessToken)), "invalid_token");
    }
  });
});

describe("policyOf()", () => {
  for (
    const [option, make] of [
      ["clientIds", () => policyOf({ clientIds: [] })],
      ["audience", () => policyOf({ audience: "" })],
    ] as const
  ) {
    it(`names the option that lists nothing: ${option}`, async () => {
      assertEquals(
        (await caught(make)).message,
        `'${option}' must list names, none of them empty`,
      );
    });
  }
});

describe("assertPolicy()", () => {
  const info = {
    subject: "user_1",
    type: "oauth_token" as const,
    scopes: [],
    clientId: "client-1",
    claims: { iss: "https://clerk.example.com", aud: ["https://api.example.com"] },
  };
  for (
    const [policy, message] of [
      [{ clientIds: ["client-2"] }, "The token was issued to another OAuth application"],
      [{ issuer: "https://clerk.example.org" }, "The token was issued by another issuer"],
      [{ audience: ["https://other.example.com"] }, "The token is meant for another audience"],
    ] as const
  ) {
    it(`says why a token is for someone else: ${message}`, async () => {
      const { code, message: said } = await caught(() => assertPolicy(info, policy));
      assertEquals([code, said], ["not_authenticated", message]);
    });
  }
});
