/** The largest form that is read, in bytes: more than any authorization response takes. */
const MAX_BYTES = 65_536;

const FORM_TYPE = "application/x-www-form-urlencoded";

/** The form that a browser posts; else the HTTP status that says why it is refused. */
export async function readPostedForm(request: Request): Promise<URLSearchParams | 413 | 415> {
  if (request.headers.get("content-type")?.toLowerCase() !== FORM_TYPE) return 415;
  if (Number(request.headers.get("content-length")) > MAX_BYTES) return 413;
  const text = await readBody(request);
  return text === undefined ? 413 : new URLSearchParams(text);
}

/** The body as text; `undefined` when it is too large. */
async function readBody({ body }: Request): Promise<string | undefined> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for (;;) {
    const { done, value } = await reader?.read() ?? { done: true };
    if (done || value === undefined) return text + decoder.decode();
    size += value.byteLength;
    if (size > MAX_BYTES) {
      await reader?.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
