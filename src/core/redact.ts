/** Cuts secrets out of a text of foreign origin: as they are, form- or percent-encoded, JSON-escaped. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter(Boolean).flatMap(spellings)
    .reduce((rest, spelling) => rest.replaceAll(spelling, "[redacted]"), text);
}

/** How a secret may be written. No pattern of it is made: the error of one that is too large would quote it. */
function spellings(secret: string): string[] {
  const form = new URLSearchParams({ "": secret }).toString().slice(1);
  const component = form.replaceAll("+", "%20").replaceAll(/%(?:21|27|28|29|7E)/g, decodeURIComponent);
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    form,
    inLowerCase(form),
    component,
    inLowerCase(component),
    json,
    json.replaceAll("/", "\\/"),
  ];
}

function inLowerCase(percentEncoded: string): string {
  return percentEncoded.replaceAll(/%../g, (octet) => octet.toLowerCase());
}

/**
 * Cuts out what looks like a token, for secrets whose value is not known: 20 characters or more in a row, with letters
 * and either digits or, as Clerk's tokens have it, a prefix before at least 20 letters.
 */
export function withoutTokens(text: string): string {
  return text.replaceAll(/[\w~+=%-]{20,}/g, (run) => {
    const isToken = /\d/.test(run) ? /[A-Za-z]/.test(run) : /_[A-Za-z]{20}/.test(run);
    return isToken ? "[redacted]" : run;
  });
}
