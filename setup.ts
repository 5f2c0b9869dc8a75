/**
 * Creates the OAuth application of your CLI in a Clerk instance, or finds one that matches exactly, and
 * prints the code to paste.
 *
 * ```sh
 * deno run jsr:@clerk/cli-auth/setup --name Notes
 * npx @clerk/cli-auth setup --name Notes
 * ```
 *
 * It reads the secret key from `CLERK_SECRET_KEY` or a hidden prompt.
 *
 * @module
 */
export { runSetup, type SetupReport } from "./src/setup/run_setup.ts";
export type { CommandIo, InputStream, OutputStream } from "./src/commands/screen.ts";
// Imported last: TypeScript drops a leading import from the declarations, and the module's comment with it.
import { runAsProgram } from "./src/setup/run_setup.ts";

// In a bundle, `main` is about the bundle.
const { main, url } = import.meta as ImportMeta & { main?: boolean };
if (main && /\/setup\.[jt]s$/.test(url)) void runAsProgram();
