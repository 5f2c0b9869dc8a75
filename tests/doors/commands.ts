/**
 * The one way for tests into `src/commands`: when its code moves, this file changes, and no test does.
 *
 * @module
 */
export { formatProfile, parseProfileRecord, ProfileFiles } from "../../src/client/profiles/files.ts";
export { runAuthCommand } from "../../src/commands/auth_commands.ts";
export { timeText } from "../../src/commands/screen.ts";
