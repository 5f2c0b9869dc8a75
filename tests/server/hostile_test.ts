import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cliAuth, type CliAuthInstance, handle } from "@clerk/cli-auth/server";
import fc from "npm:fast-check@4.10.2";
import { IS_THOROUGH } from "../harness/extent.ts";
import { hostileRequests } from "./support/hostile.ts";
import { type Instance, startInstance } from "./support/instance.ts";
import { outcome } from "./support/outcome.ts";
import { requestWith } from "./support/request_with.ts";

const VERIFIERS: Record<string, (instance: Instance) => Promise<CliAuthInstance>> = {
  "its own client": ({ clientConfig }) => Promise.resolve(cliAuth({ clientConfig })),
  "a client of the caller's": async ({ createClient }) => cliAuth({ client: await createClient() }),
};

describe("handle() under hostile requests", () => {
  for (const [kind, create] of Object.entries(VERIFIERS)) {
    it(`responds with neither 200 nor 500 nor a secret, whatever it receives: ${kind}`, async () => {
      const instance = startInstance();
      const { emulator, clientConfig } = instance;
      const route = handle({ auth: await create(instance), onError: () => {} });
      const requests = hostileRequests({ keyId: emulator.instanceId, userId: emulator.user.id });
      const property = fc.asyncProperty(requests, async (request) => {
        if (!request) return;
        const response = await route(request);
        const text = await response.text();
        assert([400, 401, 503].includes(response.status), `${response.status} ${text}`);
        if (response.status !== 503) assert(response.headers.get("www-authenticate")?.startsWith("Bearer "));
        assert(!text.includes(clientConfig.secretKey), text);
        assertEquals(Object.keys(JSON.parse(text)).sort(), ["error", "error_description", "exit_code"]);
      });
      await fc.assert(property, { numRuns: IS_THOROUGH ? 500 : 100 });
      const { accessToken } = await emulator.issueTokens({ scopes: ["profile"] });
      assertEquals((await route(requestWith(accessToken))).status, 200);
    });
  }
});

describe("verifyToken() under hostile tokens", () => {
  it("rejects a valid JWT with any change, wherever it is made, even if it knows the original", async () => {
    const { emulator, clientConfig } = startInstance();
    const { accessToken } = await emulator.issueTokens({ scopes: ["profile"] });
    const knowing = cliAuth({ clientConfig });
    await knowing.verifyToken(accessToken);
    // The last character of base64url can hold bits that count for nothing.
    const change = fc.tuple(fc.nat(accessToken.length - 2), fc.stringMatching(/^[A-Za-z0-9._-]$/));
    const property = fc.asyncProperty(change, async ([index, character]) => {
      if (accessToken[index] === character) return;
      const changed = accessToken.slice(0, index) + character + accessToken.slice(index + 1);
      for (const auth of [knowing, cliAuth({ clientConfig })]) {
        const verdict = await outcome(() => auth.verifyToken(changed));
        assert(["invalid_token", "unavailable"].includes(verdict), verdict);
      }
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it("rejects everything that is not a string", async () => {
    const auth = cliAuth({ clientConfig: { secretKey: "sk_test_unused" } });
    const anything = fc.anything().filter((value) => typeof value !== "string");
    const property = fc.asyncProperty(anything, async (value) => {
      assertEquals(await outcome(() => auth.verifyToken(value as string)), "invalid_token");
    });
    await fc.assert(property);
  });
});
