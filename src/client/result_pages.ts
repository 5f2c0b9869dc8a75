import { isClerkCliAuthError } from "../core/errors.ts";
import type { UserIdentity } from "../core/identity.ts";
import type { PageContent } from "./callback_page.ts";

const BACK = "You can close this window and go back to the terminal.";

/** The page of a login that worked. */
export function successPage(appName: string | undefined, user: UserIdentity): PageContent {
  const account = [user.email, user.username, user.name, user.sub].find((name) =>
    typeof name === "string" && name
  );
  return {
    outcome: "success",
    heading: appName ? `Signed in to ${appName}` : "Signed in",
    paragraphs: [`You are signed in as ${account}.`, BACK],
  };
}

/** The page of a login that failed. */
export function failurePage(appName: string | undefined, error: unknown): PageContent {
  const reason = isClerkCliAuthError(error) ? `${error.message}.` : "Something went wrong.";
  return {
    outcome: "failure",
    heading: appName ? `Not signed in to ${appName}` : "Not signed in",
    paragraphs: [reason, "Go back to the terminal to see what to do. You can close this window."],
  };
}
