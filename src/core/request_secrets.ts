import type { HttpRequest } from "./transport.ts";

const SECRET_PARAMETERS = ["code", "code_verifier", "refresh_token", "token", "device_code"];

/** What a request says in confidence: its credential, and what must stay secret of its form. */
export function requestSecrets({ headers, body }: HttpRequest): string[] {
  const form = new URLSearchParams(body);
  const credential = headers.authorization?.replace(/^\S+ /, "") ?? "";
  return [credential, ...SECRET_PARAMETERS.flatMap((name) => form.getAll(name))];
}
