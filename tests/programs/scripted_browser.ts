/**
 * Signs in on the given page, as a user would in a browser.
 *
 *     scripted_browser EMAIL URL
 */
import process from "node:process";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";

const [email = "", url = ""] = process.argv.slice(2);
await createScriptedBrowser().signIn(url, { email });
