/**
 * Takes the picture of the page that a person sees after a sign-in, in a real Chromium. Writes docs/success_page.png.
 *
 *     deno run -A --no-lock scripts/deno.ts run -A scripts/capture_success_page.ts
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { createEmulator } from "@clerk/cli-auth/testing";
import { startChromium } from "../tests/harness/chromium.ts";
import { ROOT } from "./deno_config.ts";

const emulator = createEmulator();
const { issuer, close } = await emulator.listen();
const chromium = await startChromium();
const page = await chromium.context.newPage();
await page.setViewportSize({ width: 720, height: 360 });

const auth = new ClerkCliAuth({
  clientId: emulator.application.clientId,
  issuer,
  storage: "memory",
  ui: "none",
  appName: "Notes",
  openBrowser: async (url) => {
    await page.goto(url);
    await page.getByLabel("Email address").fill("ada@example.com");
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await page.getByRole("button", { name: "Allow", exact: true }).click();
  },
});
await auth.login();
await page.waitForURL(/\/done\//);
await page.screenshot({ path: fileURLToPath(new URL("docs/success_page.png", ROOT)) });
await chromium.close();
await close();
