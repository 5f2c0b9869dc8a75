/**
 * An emulator of Clerk's OAuth server and Backend API, as far as this package calls them, and a headless
 * browser that signs in to it. Use them to develop and test a CLI and its backend without a Clerk account or
 * a network.
 *
 * `npx @clerk/cli-auth emulator` and `deno run --allow-net=127.0.0.1 jsr:@clerk/cli-auth/testing` run it as a
 * program.
 *
 * The emulator is not Clerk: it asks for no password, keeps everything in memory, and only serves the local
 * machine.
 *
 * @example Sign in to a CLI in a test
 * ```ts
 * import { ClerkCliAuth } from "@clerk/cli-auth";
 * import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator();
 * const { issuer, close } = await emulator.listen();
 * const auth = new ClerkCliAuth({
 *   clientId: emulator.application.clientId,
 *   issuer,
 *   storage: "memory",
 *   openBrowser: createScriptedBrowser().opener({ email: "ada@example.com" }),
 * });
 * const { user } = await auth.login();
 * console.log(user.name); // Ada Lovelace
 * await auth.logout();
 * await close();
 * ```
 *
 * @example Verify the emulator's tokens in a backend
 * ```ts
 * import { createClerkClient } from "@clerk/backend";
 * import { createEmulator } from "@clerk/cli-auth/testing";
 *
 * const emulator = createEmulator();
 * const { issuer, close } = await emulator.listen();
 * const clerk = createClerkClient({
 *   apiUrl: issuer,
 *   secretKey: emulator.secretKey,
 *   publishableKey: emulator.publishableKey,
 *   telemetry: { disabled: true },
 * });
 * const { secret } = emulator.createApiKey({ scopes: ["read"] });
 * const headers = { Authorization: `Bearer ${secret}` };
 * const request = new Request("https://api.example.com/", { headers });
 * const state = await clerk.authenticateRequest(request, { acceptsToken: "api_key" });
 * console.log(state.isAuthenticated); // true
 * await close();
 * ```
 *
 * @module
 */
export {
  createEmulator,
  type EmulatedTokens,
  type Emulator,
  type EmulatorEndpoint,
  type EmulatorOptions,
  type IssueTokensOptions,
  type ListeningEmulator,
} from "./src/testing/emulator.ts";
export type { BackendApiEndpoint } from "./src/testing/backend_api/routes.ts";
export type { IssuerEndpoint } from "./src/testing/issuer/endpoints.ts";
export type {
  CreateApiKeyOptions,
  CreateApplicationOptions,
  CreateMachineOptions,
  CreateOrganizationOptions,
  CreateUserOptions,
  EmulatedApiKey,
  EmulatedApplication,
  EmulatedMachine,
  EmulatedOrganization,
  EmulatedUser,
} from "./src/testing/entities.ts";
export type { Fault, Faults } from "./src/testing/faults.ts";
export type { GrantFilter } from "./src/testing/instance.ts";
export type { EmulatorRequest } from "./src/testing/serve.ts";
export {
  createScriptedBrowser,
  type ScriptedBrowserOptions,
} from "./src/testing/scripted_browser/browser.ts";
export type {
  OpenOptions,
  ScriptedBrowser,
  SignInOptions,
  SubmitOptions,
} from "./src/testing/scripted_browser/sign_in_walk.ts";
export type {
  BrowserButton,
  BrowserField,
  BrowserForm,
  BrowserLink,
  BrowserPage,
} from "./src/testing/scripted_browser/page.ts";
export type { EmulatorBehavior } from "./src/testing/behavior.ts";
export { runEmulator, type RunEmulatorOptions } from "./src/testing/run_emulator.ts";
export type { OutputStream } from "./src/commands/screen.ts";
import { runAsProgram } from "./src/testing/run_emulator.ts";

// In a bundle, `main` is about the bundle.
const { main, url } = import.meta as ImportMeta & { main?: boolean };
if (main && /\/testing\.[jt]s$/.test(url)) void runAsProgram();
