const BEGIN = "<!-- figures -->";
const END = "<!-- end of figures -->";

/**
 * Puts new figures where a document has its old ones.
 *
 * @param document The document, in Markdown.
 * @param figures The figures, in Markdown.
 * @returns The document with them.
 * @throws {Error} If the document does not say where they belong.
 */
export function replaceFigures(document: string, figures: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`The document must hold '${BEGIN}' and '${END}'`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${figures}\n\n${document.slice(end)}`;
}
