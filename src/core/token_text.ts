/** Whether a value is visible ASCII (RFC 6749, appendix A.12), so that it can stand in a header and a form as it is. */
export function isTokenText(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}
