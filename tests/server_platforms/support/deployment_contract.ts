import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Emulator } from "@clerk/cli-auth/testing";

/** Checks that a deployed example answers `/api/me` as it must, for the emulated instance that it verifies with. */
export async function assertServesIdentities(
  fetch: (request: Request) => Promise<Response>,
  { emulator, origin }: { emulator: Emulator; origin: string },
): Promise<void> {
  const ask = async (token?: string, init: RequestInit = {}) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(new Request(`${origin}/api/me`, { ...init, headers }));
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const identity = JSON.stringify({ sub: emulator.user.id });

  for (const format of ["jwt", "opaque"] as const) {
    const { accessToken } = await emulator.issueTokens({ format });
    const { status, headers, text } = await ask(accessToken);
    assertEquals([status, text, headers.get("cache-control")], [200, identity, "no-store"]);
    const foreign = await emulator.issueTokens({ format, application: emulator.createApplication() });
    assertEquals((await ask(foreign.accessToken)).status, 401, "a token of another OAuth application");
  }
  const apiKey = await ask(emulator.createApiKey().secret);
  assertEquals([apiKey.status, apiKey.text], [200, identity]);

  const missing = await ask();
  assertEquals([missing.status, JSON.parse(missing.text).error], [401, "not_authenticated"]);
  assertStringIncludes(missing.headers.get("www-authenticate") ?? "", "Bearer");
  const unknown = await ask("ak_unknown");
  assertEquals(unknown.status, 401);
  assertStringIncludes(unknown.headers.get("www-authenticate") ?? "", 'error="invalid_token"');
  assertEquals((await ask("not a token")).status, 400);
}
