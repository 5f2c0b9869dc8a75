/**
 * For the author of a command-line tool: creates its OAuth application in a Clerk instance, or finds the one that
 * matches exactly, and prints the lines to paste.
 *
 * ```sh
 * deno run jsr:@clerk/cli-auth/setup --name Notes
 * npx @clerk/cli-auth setup --name Notes
 * ```
 *
 * The secret key comes from `CLERK_SECRET_KEY` or a hidden prompt.
 *
 * @module
 */
export { runSetup, type SetupReport } from "./src/setup/run_setup.ts";
export type { CommandIo, InputStream, OutputStream } from "./src/commands/screen.ts";
// Not the first statement: TypeScript leaves it out of the declarations, and the comment above would go with it.
import { runAsProgram } from "./src/setup/run_setup.ts";

// In a bundle, `main` speaks of the bundle.
const { main, url } = import.meta as ImportMeta & { main?: boolean };
if (main && /\/setup\.[jt]s$/.test(url)) void runAsProgram();
