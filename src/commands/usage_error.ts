/** What was typed is no use of a command. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
