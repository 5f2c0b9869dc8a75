import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ClerkClientLike, cliAuth, type TokenInfo } from "@clerk/cli-auth/server";
import { caught } from "../harness/caught.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { apiError } from "./support/api_error.ts";
import { createSoloClient } from "./support/solo_client.ts";

const USER = {
  id: "user_1",
  firstName: "Ada",
  lastName: "Lovelace",
  username: "ada",
  imageUrl: "https://img.example.com/ada",
  primaryEmailAddressId: "idn_2",
  emailAddresses: [
    { id: "idn_1", emailAddress: "old@example.com", verification: { status: "verified" } },
    { id: "idn_2", emailAddress: "ada@example.com", verification: { status: "verified" } },
  ],
  publicMetadata: { plan: "pro" },
  unsafeMetadata: {},
};

function resolve(subject: string, parts: Partial<ClerkClientLike> = {}, lookup = true) {
  const auth = cliAuth({ client: { ...createSoloClient(), ...parts }, lookup });
  const tokenInfo: TokenInfo = {
    subject,
    type: "api_key",
    scopes: [],
    claims: { sub: "user_2", name: "claimed" },
  };
  return auth.resolveAuthInfo({ tokenInfo });
}

describe("resolveAuthInfo() with lookup", () => {
  it("adds a user's profile with the primary email address", async () => {
    assertEquals(await resolve("user_1", { users: { getUser: () => Promise.resolve(USER) } }), {
      sub: "user_1",
      user_id: "user_1",
      name: "Ada Lovelace",
      given_name: "Ada",
      family_name: "Lovelace",
      picture: "https://img.example.com/ada",
      username: "ada",
      preferred_username: "ada",
      email: "ada@example.com",
      email_verified: true,
      public_metadata: { plan: "pro" },
      unsafe_metadata: {},
      claims: { sub: "user_2", name: "claimed" },
    });
  });

  it("says whether the address was verified, and nothing if there is no list", async () => {
    const [primary] = USER.emailAddresses.slice(1);
    for (const verification of [{ status: "unverified" }, null, undefined]) {
      const user = { ...USER, emailAddresses: [{ ...primary, verification }] };
      const identity = await resolve("user_1", { users: { getUser: () => Promise.resolve(user) } });
      assertEquals([identity["email"], identity["email_verified"]], ["ada@example.com", false]);
    }
    const { emailAddresses: _, ...without } = USER;
    const identity = await resolve("user_1", { users: { getUser: () => Promise.resolve(without) } });
    assertEquals(["email" in identity, "email_verified" in identity], [false, false]);
  });

  it("leaves out what a user does not have", async () => {
    const user = { id: "user_1", firstName: null, lastName: null, username: null, emailAddresses: [] };
    assertEquals(await resolve("user_1", { users: { getUser: () => Promise.resolve(user) } }), {
      sub: "user_1",
      user_id: "user_1",
      claims: { sub: "user_2", name: "claimed" },
    });
  });

  it("adds an organization's name and slug", async () => {
    const organizations = {
      getOrganization: ({ organizationId }: { organizationId: string }) =>
        Promise.resolve({ id: organizationId, name: "Acme", slug: "acme" }),
    };
    assertEquals(await resolve("org_1", { organizations }), {
      sub: "org_1",
      org_id: "org_1",
      org_name: "Acme",
      org_slug: "acme",
      claims: { sub: "user_2", name: "claimed" },
    });
  });

  it("adds a machine's name", async () => {
    const { name } = await resolve("mch_1", {
      machines: { get: () => Promise.resolve({ name: "builder" }) },
    });
    assertEquals(name, "builder");
  });

  it("looks up nothing for a directory connection", async () => {
    assertEquals((await resolve("scim_1")).sub, "scim_1");
  });

  it("asks once for simultaneous callers, and only remembers the result with a cache", async () => {
    let calls = 0;
    const client = {
      ...createSoloClient(),
      users: { getUser: async () => (calls++, await Promise.resolve(USER)) },
    };
    const tokenInfo: TokenInfo = { subject: "user_1", type: "api_key", scopes: [] };
    for (const [cache, expected] of [[{}, 3], [{ cache: { ttlMs: 60_000 } }, 1]] as const) {
      calls = 0;
      const auth = cliAuth({ client, lookup: true, ...cache });
      await Promise.all([1, 2, 3].map(() => auth.resolveAuthInfo({ tokenInfo })));
      for (let count = 0; count < 2; count++) await auth.resolveAuthInfo({ tokenInfo });
      assertEquals(calls, expected);
    }
  });

  it("does not call Clerk unless it is told to", async () => {
    const users = { getUser: () => Promise.reject(new Error("called")) };
    assertEquals((await resolve("user_1", { users }, false)).sub, "user_1");
  });

  for (
    const [status, code] of [[404, "not_authenticated"], [401, "config"], [429, "unavailable"], [
      undefined,
      "unavailable",
    ]] as const
  ) {
    it(`treats Clerk's response ${status} as ${code}`, async () => {
      const getUser = () => Promise.reject(apiError(status));
      assertEquals((await caught(() => resolve("user_1", { users: { getUser } }))).code, code);
    });
  }

  it("says that a subject is gone, and tells the operator what Clerk said", async () => {
    const getUser = () => Promise.reject(apiError(404));
    const { message, cause } = await caught(() => resolve("user_1", { users: { getUser } }));
    assertEquals([message, (cause as Error).message], [
      "The token's owner no longer exists",
      "Clerk responded with status 404: resource_not_found: not found (trace none)",
    ]);
  });

  it("does not believe a 400 that is not Clerk's", async () => {
    const getUser = () => Promise.reject(apiError(400, { somebodyElses: true }));
    assertEquals((await caught(() => resolve("user_1", { users: { getUser } }))).code, "unavailable");
  });

  it("does not wait for Clerk beyond the deadline", async () => {
    const users = { getUser: () => new Promise<never>(() => {}) };
    await onFakeClock(async (clock) => {
      const failure = caught(() => resolve("user_1", { users }));
      await clock.untilSet(10_000);
      await clock.advance(10_000);
      assertEquals((await failure).code, "unavailable");
    });
  });

  it("names what a client lacks for it", async () => {
    for (const [subject, part] of [["user_1", "users"], ["org_1", "organizations"], ["mch_1", "machines"]]) {
      const { code, message } = await caught(() => resolve(subject!));
      assertEquals([code, message], ["config", `'lookup' needs a Clerk client with '${part}'`]);
    }
  });
});
