import type { Flag } from "../command_line.ts";

/** The flag that names the profile to work on. */
export const PROFILE_FLAG: Flag = { name: "profile", value: "NAME", summary: "Use this profile" };
