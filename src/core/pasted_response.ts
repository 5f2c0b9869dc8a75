/** The longest text that is looked at: more than any browser shows in its address bar. */
const MAX_LENGTH = 16_384;

/**
 * The parameters of an authorization response that a person has pasted: the full URL that the browser ended at, or
 * `code#state`. `undefined` when the text is neither.
 */
export function parsePastedResponse(text: string): URLSearchParams | undefined {
  const pasted = text.trim();
  if (pasted.length > MAX_LENGTH) return undefined;
  if (/^https?:\/\//i.test(pasted)) return URL.canParse(pasted) ? new URL(pasted).searchParams : undefined;
  const [, code, state] = /^([^\s#]+)#([^\s#]+)$/.exec(pasted) ?? [];
  return code && state ? new URLSearchParams({ code, state }) : undefined;
}
