import { ClerkCliAuthError } from "../core/errors.ts";

const ACTIONS: Record<string, string> = {
  EACCES: "Check who owns the file and its folder",
  EPERM: "Check who owns the file and its folder",
  EROFS: "Set XDG_CONFIG_HOME to a folder that can be written to",
  ENOSPC: "Free some disk space and try again",
  EDQUOT: "Free some disk space and try again",
};

/** The `storage` error of a system call that failed on a file. */
export function fileError(verb: string, path: string, cause: unknown): ClerkCliAuthError {
  const code = systemCode(cause);
  const reason = code ?? (cause instanceof Error ? cause.name : "unknown");
  return new ClerkCliAuthError("storage", `Cannot ${verb} the credential file ${path} (${reason})`, {
    action: ACTIONS[code ?? ""] ?? "Check the file and its folder",
    cause,
  });
}

/** The POSIX name of a failure, where it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
