/** A tag or a piece of text of an HTML document. */
export type HtmlToken =
  | { kind: "text"; text: string }
  | { kind: "start"; name: string; attributes: ReadonlyMap<string, string> }
  | { kind: "end"; name: string };

const TOKEN =
  /<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>|<(\/?)([a-z][a-z0-9]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|<|[^<]+/gi;
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
};

/** Splits HTML into tags and text, leaving comments, scripts and styles out. Tolerant: what is no tag is text. */
export function* htmlTokens(document: string): Generator<HtmlToken> {
  for (const [whole, skipped, slash, name, attributes = ""] of document.matchAll(TOKEN)) {
    if (skipped !== undefined || whole.startsWith("<!--")) continue;
    if (name === undefined) yield { kind: "text", text: decodeEntities(whole) };
    else if (slash) yield { kind: "end", name: name.toLowerCase() };
    else yield { kind: "start", name: name.toLowerCase(), attributes: parseAttributes(attributes) };
  }
}

function parseAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, decodeEntities(double ?? single ?? bare ?? ""));
  }
  return attributes;
}

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED_ENTITIES[name.toLowerCase()] ?? whole;
    const codePoint = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : whole;
  });
}
