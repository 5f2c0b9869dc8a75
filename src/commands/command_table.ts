import type { Command } from "./command.ts";

/** The names of the commands. */
export type AuthCommandName = "login" | "logout" | "whoami" | "status" | "token" | "profiles";

/** How each command is loaded: a program pays for the one that it runs. */
export const COMMANDS: Readonly<Record<AuthCommandName, () => Promise<Command>>> = {
  login: async () => (await import("./login.ts")).login,
  logout: async () => (await import("./logout.ts")).logout,
  whoami: async () => (await import("./whoami.ts")).whoami,
  status: async () => (await import("./status.ts")).status,
  token: async () => (await import("./token.ts")).token,
  profiles: async () => (await import("./profiles/profiles_command.ts")).profiles,
};
