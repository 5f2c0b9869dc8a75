import { browserChoice } from "./browser_choice.ts";
import type { ClientContext } from "./context.ts";
import { issuerEndpoints } from "./issuer_metadata.ts";

/**
 * Whether a person who has no browser here is better asked to enter a code elsewhere than to paste an address: where
 * the issuer offers it, and the person sees the code.
 */
export async function prefersDevice(context: ClientContext, signal: AbortSignal): Promise<boolean> {
  const { config, runtime } = context;
  const isSeen = runtime.terminal.isInteractive("stderr") &&
    (config.ui === "auto" || config.onEvent !== undefined);
  if (config.endpoints === "clerk" || !isSeen || browserChoice(context, "auto") !== "none") return false;
  return (await issuerEndpoints(context, { signal })).deviceAuthorization !== undefined;
}
