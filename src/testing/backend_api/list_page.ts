import { json } from "../answers.ts";
import { ClerkProblem } from "../problems.ts";

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 500;

/** The part of a list that `limit` and `offset` ask for, the newest first. */
export function slicePage<Item>(items: readonly Item[], query: URLSearchParams): Item[] {
  const limit = readCount(query, "limit", DEFAULT_LIMIT);
  const offset = readCount(query, "offset", 0);
  return [...items].reverse().slice(offset, offset + Math.min(limit, MAX_LIMIT));
}

/** Answers with such a part and the length of the whole. */
export function listPage(items: readonly unknown[], query: URLSearchParams): Response {
  return json({ data: slicePage(items, query), total_count: items.length });
}

function readCount(query: URLSearchParams, name: string, fallback: number): number {
  const count = Number(query.get(name) ?? fallback);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new ClerkProblem(422, "form_param_format_invalid", `The parameter ${name} must be a whole number`);
}
