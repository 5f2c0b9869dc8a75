/** An error shaped like those of `@clerk/backend` when its API rejects a call. */
export interface ApiError {
  clerkError: true;
  errors: { code: string; message: string }[];
  status: number | undefined;
  retryAfter?: number;
}

/** Creates one; `somebodyElses` is a rejection without Clerk's reason. */
export function apiError(
  status: number | undefined,
  { retryAfter, somebodyElses = false }: { retryAfter?: number; somebodyElses?: boolean } = {},
): Error & ApiError {
  return Object.assign(new Error("from Clerk"), {
    clerkError: true as const,
    errors: somebodyElses ? [] : [{ code: "resource_not_found", message: "not found" }],
    status,
    ...(retryAfter !== undefined && { retryAfter }),
  });
}
