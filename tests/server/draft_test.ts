import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ClerkClient } from "@clerk/backend";
import {
  type AcceptsToken,
  cliAuth,
  type CliAuthFactoryOptions,
  type CliAuthInstance,
  handle,
  type HandleOptions,
  type ResolveAuthInfoContext,
  type ResolveAuthInfoFn,
  type ResolveIdentityContext,
  type ResolveIdentityFn,
  type TokenInfo,
  type TokenKind,
  type VerifyTokenContext,
  type VerifyTokenFn,
} from "@clerk/cli-auth/server";
import { startInstance } from "./support/instance.ts";
import { requestWith } from "./support/request_with.ts";

/** A backend as Clerk's draft has it, in the names of its last two states. That it type-checks is part of the test. */
async function backendOfTheDraft() {
  const { emulator, createClient } = startInstance();
  const factory: CliAuthFactoryOptions = { client: () => createClient() };
  const auth: CliAuthInstance = cliAuth(factory);
  const accepts: AcceptsToken = ["api_key"];
  const clerk: ClerkClient = await auth.getClerk();
  const { secret } = emulator.createApiKey({ scopes: ["cli:read"] });
  return { emulator, auth, accepts, clerk, secret, request: () => requestWith(secret) };
}

describe("a backend written against Clerk's draft", () => {
  it("resolves identities by its last name, and by the one before", async () => {
    const { auth, accepts, request, secret, emulator } = await backendOfTheDraft();
    const email = async ({ clerk, tokenInfo }: ResolveIdentityContext<"api_key">) => ({
      sub: tokenInfo.subject,
      email: (await clerk.users.getUser(tokenInfo.subject)).emailAddresses[0]?.emailAddress,
    });
    const resolveIdentity: ResolveIdentityFn<"api_key"> = email;
    const resolveAuthInfo: ResolveAuthInfoFn<"api_key"> = (context: ResolveAuthInfoContext<"api_key">) =>
      email(context);
    const newest: HandleOptions<"api_key"> = { auth, accepts, resolveIdentity };
    for (const options of [newest, { auth, accepts, resolveAuthInfo }]) {
      const identity = await (await handle(options)(request())).json();
      assertEquals([identity.sub, identity.email], [emulator.user.id, emulator.user.email]);
    }
    const tokenInfo: TokenInfo<"api_key"> = await auth.verifyToken<"api_key">(secret, { accepts: "api_key" });
    const [last, before] = [auth.resolveIdentity, auth.resolveAuthInfo];
    assertEquals(
      await last({ tokenInfo, request: request() }),
      await before({ tokenInfo, request: request() }),
    );
  });

  it("verifies by a function of its own, with the client of @clerk/backend", async () => {
    const { auth, request, emulator } = await backendOfTheDraft();
    const kinds: TokenKind[] = [];
    const verifyToken: VerifyTokenFn = async ({ token, type, clerk }: VerifyTokenContext) => {
      kinds.push(type);
      const { subject, scopes } = await clerk.apiKeys.verify(token);
      return { subject, type, scopes };
    };
    const identity = await (await handle({ auth, verifyToken })(request())).json();
    assertEquals([identity.sub, kinds], [emulator.user.id, ["api_key"]]);
  });
});
