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

/** Cuts out whatever looks like a token: letters and digits, at least 20 of them in a row. */
export function withoutTokens(text: string): string {
  return text.replaceAll(
    /[\w~+=%-]{20,}/g,
    (run) => /\d/.test(run) && /[A-Za-z]/.test(run) ? "[redacted]" : run,
  );
}
