import type { ErrorContext, HandleOptions } from "./handle_types.ts";

type Reporter = NonNullable<HandleOptions["onError"]>;

/** Hands an error to the operator's reporter, which can neither fail the request nor change its answer. */
export async function reportError(
  error: unknown,
  context: ErrorContext,
  reporter: Reporter = writeToConsole,
): Promise<void> {
  try {
    await reporter(error, context);
  } catch {
    // There is no one left to tell.
  }
}

const writeToConsole: Reporter = (error) => {
  // deno-lint-ignore no-console -- a server without a reporter of its own has no other place for it
  console.error("@clerk/cli-auth:", error);
};
