import { ClerkCliAuthError } from "../core/errors.ts";
import type { IssuerMetadata } from "../core/metadata.ts";
import { browserChoice } from "./browser_choice.ts";
import type { ClientContext } from "./context.ts";
import type { BrowserMethod } from "./send_to_browser.ts";

/**
 * Checks that an authorization response can be posted to the listener: the issuer offers it, and the browser is on this
 * machine. From elsewhere it could only be pasted, and a posted one stands in no address.
 *
 * @throws {ClerkCliAuthError} `config` when it cannot.
 */
export function checkFormPost(
  context: ClientContext,
  { offersFormPost }: IssuerMetadata,
  method: BrowserMethod,
): void {
  if (!offersFormPost) {
    throw new ClerkCliAuthError("config", "The issuer does not offer 'form_post' as response mode", {
      action: "Leave 'responseMode' out",
    });
  }
  if (browserChoice(context, method) === "here") return;
  throw new ClerkCliAuthError("config", "'responseMode: \"form_post\"' needs a browser on this machine", {
    action: "Sign in where a browser is at hand, or leave 'responseMode' out",
  });
}
