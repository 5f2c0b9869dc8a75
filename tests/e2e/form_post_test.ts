import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import { startOidcProvider } from "../harness/oidc_provider.ts";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";

describe("login() with responseMode: 'form_post'", () => {
  itWith(canRunOn(OWN_RUNTIME), "signs in on oidc-provider", async () => {
    const server = await startOidcProvider({ ownPaths: true });
    try {
      const { user } = await new ClerkCliAuth({
        ...server,
        endpoints: "discover",
        responseMode: "form_post",
        storage: "memory",
        ui: "none",
        openBrowser: createScriptedBrowser().opener({ email: "ada@example.com" }),
      }).login();
      assertEquals(user.email, "ada@example.com");
    } finally {
      await server.close();
    }
  });
});
