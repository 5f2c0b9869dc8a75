/** A token that cannot be used any more, but recognized: what its kind begins with, and asterisks. */
export function maskedToken(token: string): string {
  const [prefix = ""] = /^(?:[a-z]{2,4}_|eyJ)/.exec(token) ?? [];
  return `${prefix}********`;
}
