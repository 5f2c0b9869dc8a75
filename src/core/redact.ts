import type { TokenSet } from "./tokens.ts";

type Cleaner = (text: string) => string;

/** A line of a stack that names a place in the code. */
const FRAME = /^\s+at .*:\d+:\d+\)?$/;

/**
 * An error of foreign origin, fit to be the cause of one of ours: itself where nothing that a log would show of it
 * holds a secret, else a copy of what it says, with the secrets cut out.
 *
 * @param secrets What it may know; besides, whatever looks like a token is taken for one.
 */
export function cleanCause(cause: unknown, secrets: readonly string[]): unknown {
  const clean: Cleaner = (text) =>
    withoutSecrets(text, secrets).split("\n")
      .map((line) => FRAME.test(line) ? line : withoutTokens(line)).join("\n");
  return isClean(cause, clean, new Set()) ? cause : cleanCopy(cause, clean, new Set());
}

/** Whether a value shows nothing that is to be cut out. What cannot be looked into may show anything. */
function isClean(value: unknown, clean: Cleaner, seen: Set<unknown>): boolean {
  if (typeof value === "string") return clean(value) === value;
  if (typeof value !== "object" || value === null || seen.has(value)) return true;
  seen.add(value);
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain && !(value instanceof Error)) return false;
  try {
    return members(value).every((member) => isClean(member, clean, seen));
  } catch {
    return false; // An accessor throws.
  }
}

function members(value: object): unknown[] {
  const own = Reflect.ownKeys(value).flatMap((key) => [key, Reflect.get(value, key)]);
  return value instanceof Error ? [value.name, value.message, value.stack, ...own] : own;
}

/** What an error says, without what else is attached to it. */
function cleanCopy(cause: unknown, clean: Cleaner, seen: Set<unknown>): unknown {
  if (typeof cause === "string") return clean(cause);
  if (!(cause instanceof Error) || seen.has(cause)) return undefined;
  seen.add(cause);
  const { name, message, stack = "", cause: inner } = cause;
  const code = "code" in cause ? cause.code : undefined;
  const copy = new Error(clean(message));
  return Object.defineProperties(copy, {
    name: { value: clean(name) },
    stack: { value: clean(stack) },
    ...(inner !== undefined && { cause: { value: cleanCopy(inner, clean, seen) } }),
    ...(typeof code === "string" && { code: { value: clean(code) } }),
  });
}

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

/** What must stay secret of a token set. */
export function tokenSecrets({ accessToken, refreshToken = "", idToken = "" }: TokenSet): string[] {
  return [accessToken, refreshToken, idToken];
}
