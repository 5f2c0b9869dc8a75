/**
 * Everything that tests import from `src/commands`: when code moves, only this file changes.
 *
 * @module
 */
export { formatProfile, parseProfileRecord, ProfileFiles } from "../../src/client/profiles/files.ts";
export { runAuthCommand } from "../../src/commands/auth_commands.ts";
export { timeText } from "../../src/commands/screen.ts";
