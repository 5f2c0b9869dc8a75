import { randomText } from "./identifiers.ts";

/** The status and headers of an answer. */
export interface AnswerOptions {
  status?: number;
  headers?: Record<string, string>;
}

/** A JSON answer that is not stored. `@clerk/backend` wants this media type without a `charset`. */
export function json(value: unknown, { status = 200, headers = {} }: AnswerOptions = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "Pragma": "no-cache",
      ...headers,
    },
  });
}

/** An error in Clerk's own shape. */
export function clerkErrorAnswer(
  status: number,
  { code, message, headers = {} }: { code: string; message: string; headers?: Record<string, string> },
): Response {
  const errors = [{ message, long_message: message, code }];
  return json({ errors, clerk_trace_id: randomText(32).toLowerCase() }, { status, headers });
}

/** A redirect that turns a POST into a GET. */
export function seeOther(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { Location: location, "Cache-Control": "no-store", ...headers },
  });
}
