/** What `@clerk/backend` throws when its API refuses a call, by its shape. */
export interface ApiError {
  clerkError: true;
  errors: { code: string; message: string }[];
  status: number | undefined;
  retryAfter?: number;
}

/** Makes one; `somebodyElses` is a refusal in which Clerk does not say why. */
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
