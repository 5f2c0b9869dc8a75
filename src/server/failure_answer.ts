import { type ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import { errorAnswer, type ErrorAnswerOptions, statusOf } from "./answer.ts";
import { failureOfApiError, isClerkApiError } from "./clerk_failure.ts";
import { misconfigured } from "./failures.ts";
import type { HandleOptions } from "./handle_types.ts";
import { reportError } from "./report_error.ts";

/** What a failure is answered with, and to whom it is told. */
export interface FailureAnswerOptions extends ErrorAnswerOptions {
  onError: HandleOptions["onError"];
}

/** Answers whatever was thrown. What is our own fault is told to the operator, and to the caller that it is. */
export async function failureAnswer(
  cause: unknown,
  request: Request,
  { onError, ...options }: FailureAnswerOptions,
): Promise<Response> {
  const error = ours(cause);
  if (statusOf(error) >= 500) await reportError(cause, { request }, onError);
  return errorAnswer(error, options);
}

function ours(cause: unknown): ClerkCliAuthError {
  if (isClerkCliAuthError(cause)) return cause;
  const failure = isClerkApiError(cause) ? failureOfApiError(cause, []) : undefined;
  if (failure?.code === "unavailable") return failure;
  return misconfigured("The request could not be answered", { cause });
}
