import { configOf } from "../client/command_access.ts";
import type { CommandContext } from "./command.ts";

/** The environment variable whose token goes before every sign-in; `undefined` when it holds none. */
export function shadowingVariable({ auth, env }: CommandContext): string | undefined {
  const { tokenEnvVar } = configOf(auth);
  return tokenEnvVar !== undefined && env(tokenEnvVar)?.trim() ? tokenEnvVar : undefined;
}
