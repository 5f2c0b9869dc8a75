import { browserPlace } from "./browser_place.ts";
import type { ClientContext } from "./context.ts";
import type { BrowserMethod } from "./send_to_browser.ts";

/** Whether a login is going to open a browser, and whether that is on this machine or may be elsewhere. */
export function browserChoice(
  { config, runtime }: ClientContext,
  method: BrowserMethod,
): "none" | "here" | "elsewhere" {
  if (method === "paste") return "none";
  if (method === "browser" || config.openBrowser) return "here"; // As far as anyone knows.
  const place = browserPlace(runtime);
  if (!place.reachable) return "none";
  return place.isElsewhere ? "elsewhere" : "here";
}
