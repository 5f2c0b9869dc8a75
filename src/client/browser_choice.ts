import { browserPlace } from "./browser_place.ts";
import type { ClientContext } from "./context.ts";
import type { LoginMethod } from "./send_to_browser.ts";

/** Whether a login is going to open a browser here. */
export function opensBrowser({ config, runtime }: ClientContext, method: LoginMethod): boolean {
  if (method !== "auto") return method === "browser";
  return config.openBrowser !== undefined || browserPlace(runtime).reachable;
}
