/** What a backend says of a bearer token that it did not take (RFC 6750, section 3). */
export interface BearerChallenge {
  /** `invalid_request`, `invalid_token` or `insufficient_scope`; absent when no token came. */
  error?: string;
  /** The scopes that would do. */
  scopes: string[];
}

/** It begins where a name does: tried at every letter of a long one, it would take quadratic time. */
const PARAMETER = /(?<![A-Za-z_])([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** Reads the Bearer challenge of a `WWW-Authenticate` header; `undefined` when there is none. */
export function readBearerChallenge(header: string | null): BearerChallenge | undefined {
  const found = /(?:^|[\s,])Bearer(?:\s+(.*))?$/is.exec(header ?? "");
  if (!found) return undefined;
  const [, parameters = ""] = found;
  const values = new Map<string, string>();
  for (const [, name = "", quoted, token] of parameters.matchAll(PARAMETER)) {
    // Another challenge may follow, with parameters of the same names.
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, quoted?.replaceAll(/\\(.)/g, "$1") ?? token ?? "");
  }
  const error = values.get("error");
  const scopes = (values.get("scope") ?? "").split(" ").filter(Boolean);
  return { ...(error && { error }), scopes };
}
