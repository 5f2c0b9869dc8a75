import { clerkErrorAnswer, json } from "./answers.ts";

/** A request that is refused; thrown anywhere in a handler, it becomes the answer. */
export abstract class Problem extends Error {
  /** The answer that says so. */
  abstract answer(): Response;
}

/** A refusal in OAuth's shape (RFC 6749, section 5.2). */
export class OAuthProblem extends Problem {
  readonly error: string;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(
    error: string,
    description: string,
    { status = 400, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
  ) {
    super(description);
    this.error = error;
    this.status = status;
    this.headers = headers;
  }

  answer(): Response {
    const { error, status, headers, message } = this;
    return json({ error, error_description: message }, { status, headers });
  }
}

/** A refusal in Clerk's own shape. */
export class ClerkProblem extends Problem {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  answer(): Response {
    return clerkErrorAnswer(this.status, { code: this.code, message: this.message });
  }
}
