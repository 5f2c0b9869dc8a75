/**
 * The one way for tests into `src/commands`: when its code moves, this file changes, and no test does.
 *
 * @module
 */
export { ProfileFiles } from "../../src/commands/profiles/profile_files.ts";
export { formatProfile, parseProfileRecord } from "../../src/commands/profiles/profile_record.ts";
export { runAuthCommand } from "../../src/commands/run_auth_command.ts";
export { timeText } from "../../src/commands/time_text.ts";
