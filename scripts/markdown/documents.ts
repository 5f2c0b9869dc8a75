import { marked, type MarkedToken, type Token } from "npm:marked@18.2.1";
import { ROOT } from "../deno_config.ts";

/** The folders of documents; the others stand in the root folder. */
const FOLDERS = ["", "docs/", "tests/model/"];

/** A document in Markdown. */
export interface Document {
  /** Its path from the root of the repository. */
  path: string;
  /** Everything in it, whatever contains it, in the order of the text. */
  tokens: MarkedToken[];
}

/**
 * Reads the documents of this repository.
 *
 * @returns The documents, sorted by their paths.
 */
export async function readDocuments(): Promise<Document[]> {
  const found = await Promise.all(FOLDERS.map(listFolder));
  return await Promise.all(found.flat().sort().map(readDocument));
}

/**
 * Reads a document.
 *
 * @param path Its path from the root of the repository.
 * @returns The document.
 */
export async function readDocument(path: string): Promise<Document> {
  return { path, tokens: tokensIn(await Deno.readTextFile(new URL(path, ROOT))) };
}

/**
 * Reads Markdown.
 *
 * @param text The Markdown.
 * @returns Everything in it, in the order of the text.
 */
export function tokensIn(text: string): MarkedToken[] {
  const tokens: Token[] = [];
  marked.walkTokens(marked.lexer(text), (token) => void tokens.push(token));
  return tokens as MarkedToken[]; // No extension adds others.
}

async function listFolder(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isFile } of Deno.readDir(new URL(folder, ROOT))) {
    if (isFile && name.endsWith(".md")) files.push(folder + name);
  }
  return files;
}
