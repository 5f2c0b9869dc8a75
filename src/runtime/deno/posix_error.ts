/** The names of Deno's errors that may come without a POSIX code. */
const CODE_BY_NAME: Record<string, string> = {
  AddrInUse: "EADDRINUSE",
  AlreadyExists: "EEXIST",
  ConnectionRefused: "ECONNREFUSED",
  ConnectionReset: "ECONNRESET",
  IsADirectory: "EISDIR",
  NotADirectory: "ENOTDIR",
  NotCapable: "EACCES",
  NotFound: "ENOENT",
  PermissionDenied: "EACCES",
};

/** Calls into Deno; what it throws gets its POSIX name as `code`, where Deno gave none. */
export function withPosixCode<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw addPosixCode(error);
  }
}

/** Adds the POSIX name to an error of Deno that has none. */
export function addPosixCode(error: unknown): unknown {
  if (!(error instanceof Error) || "code" in error && error.code !== undefined) return error;
  const code = CODE_BY_NAME[error.name];
  return code === undefined ? error : Object.assign(error, { code });
}
