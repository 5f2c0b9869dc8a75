import type { Document } from "./documents.ts";

/** A fenced block of code. */
export interface CodeBlock {
  /** The path of its document. */
  document: string;
  /** Which block of the document it is, counted from 1. */
  number: number;
  /** The first word behind the fence, such as `ts`. */
  language: string;
  /** Whether `deno test --doc` leaves it out. */
  isIgnored: boolean;
  /** The file that its first line names, such as `cli.ts` for `// cli.ts`. */
  file: string | undefined;
  code: string;
}

/**
 * The blocks of code in a document.
 *
 * @param document The document.
 * @returns Its blocks, in the order of the text.
 */
export function codeBlocksOf({ path, tokens }: Document): CodeBlock[] {
  return tokens.filter((token) => token.type === "code").map(({ lang = "", text }, index) => {
    const [language = "", ...attributes] = lang.split(/\s+/);
    return {
      document: path,
      number: index + 1,
      language,
      isIgnored: attributes.includes("ignore"),
      file: /^\/\/ (\S+\.[jt]sx?)\n/.exec(text)?.[1],
      code: `${text}\n`,
    };
  });
}
