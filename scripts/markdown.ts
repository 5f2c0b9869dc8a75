import { readdir } from "node:fs/promises";
import { marked, type MarkedToken, type Token } from "npm:marked@18.2.1";
import { ROOT } from "./deno_config.ts";

/** The directories of documents. */
const FOLDERS = ["", "docs/", "tests/model/"];

/** A Markdown document. */
export interface Document {
  /** Path from the root of the repository. */
  path: string;
  /** All tokens at any depth, in order. */
  tokens: MarkedToken[];
}

/** Reads the documents of this repository, sorted by path. */
export async function readDocuments(): Promise<Document[]> {
  const found = await Promise.all(FOLDERS.map(async (folder) => {
    return (await readdir(new URL(folder, ROOT))).map((name) => folder + name);
  }));
  return await Promise.all(found.flat().filter((path) => path.endsWith(".md")).sort().map(readDocument));
}

export async function readDocument(path: string): Promise<Document> {
  return { path, tokens: tokensIn(await Deno.readTextFile(new URL(path, ROOT))) };
}

/** Returns all tokens in Markdown at any depth, in order. */
export function tokensIn(text: string): MarkedToken[] {
  const tokens: Token[] = [];
  marked.walkTokens(marked.lexer(text), (token) => void tokens.push(token));
  return tokens as MarkedToken[]; // No extension adds others.
}

/** A fenced code block. */
export interface CodeBlock {
  /** Path of its document. */
  document: string;
  /** Its number in the document, from 1. */
  number: number;
  /** The first word after the fence, such as `ts`. */
  language: string;
  /** Whether `deno test --doc` skips it. */
  isIgnored: boolean;
  /** The file that its first line names, such as `cli.ts` for `// cli.ts`. */
  file: string | undefined;
  code: string;
}

/** Returns the code blocks of a document, in order. */
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
