import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import { doAgain } from "./do_again.ts";
import type { AuthorizationFault } from "./fault_names.ts";
import { perform } from "./perform.ts";
import type { Outcome } from "./rule.ts";
import { clientOf, type World } from "./world.ts";

/** Signs in with an authorization response that goes wrong, then once more. */
export async function takeAuthorization(world: World, fault: AuthorizationFault): Promise<Outcome> {
  const performed = await perform(clientOf(world, { openBrowser: openerWith(fault) }), "login");
  const stored = await world.stored();
  const next = await doAgain(world, "login", (command) => perform(clientOf(world), command));
  return { ...performed, stored, next };
}

/** A browser that ends at the callback with an error, or first brings something from another login. */
function openerWith(fault: AuthorizationFault): (url: string) => Promise<void> {
  return async (url) => {
    const { redirect_uri = "", state = "" } = Object.fromEntries(new URL(url).searchParams);
    const visit = async (parameters: Record<string, string>) => {
      const response = await fetch(`${redirect_uri}?${new URLSearchParams(parameters)}`);
      await response.body?.cancel();
    };
    const isForeign = fault.endsWith("another state");
    if (!isForeign) return await visit({ error: fault, state });
    await visit({ [fault.startsWith("code") ? "code" : "error"]: "foreign", state: "another" });
    await createScriptedBrowser().signIn(url);
  };
}
