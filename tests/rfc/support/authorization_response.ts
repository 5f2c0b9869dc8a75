import type { LoginResult } from "@clerk/cli-auth";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import { isOfDeadline, onFakeClock } from "../../harness/fake_clock.ts";
import type { TestClient } from "../../harness/test_client.ts";

/** A user with a browser, played by a test. */
export interface Opener {
  (url: string): Promise<void>;
  /** Settles when the user is done. */
  visited?: Promise<void>;
}

/** Creates an opener that signs in and does what it likes with the URL that the issuer sends the browser to. */
export function openerThat(visit: (response: URL) => unknown): Opener {
  const opener: Opener = (url) => opener.visited = signInAndVisit(url, visit);
  return opener;
}

async function signInAndVisit(url: string, visit: (response: URL) => unknown): Promise<void> {
  const { url: response } = await createScriptedBrowser().signIn(url, { visitCallback: false });
  await visit(new URL(response));
}

/** Creates an opener that delivers an authorization response that was changed in transit. */
export function changedResponse(change: (parameters: URLSearchParams) => void): Opener {
  return openerThat((response) => {
    change(response.searchParams);
    return bringHome(response);
  });
}

/** How long a login waits for the browser to fetch the result page. */
const RESULT_PAGE_MS = 1_000;

/**
 * Logs in with an opener, and ends when both the login and the user have finished. However long the user takes, none of
 * the login's deadlines fires; once the user is done, it no longer waits for a page that nobody fetches.
 */
export async function loginWith(client: TestClient, openBrowser: Opener): Promise<LoginResult> {
  const [result] = await loginsWith(client, openBrowser, 1);
  return result!;
}

/** Does the same with this many concurrent logins. */
export async function loginsWith(
  client: TestClient,
  openBrowser: Opener,
  count: number,
): Promise<LoginResult[]> {
  return await onFakeClock(async (clock) => {
    const begun = Array.from({ length: count }, () => beginLogin(client, openBrowser));
    await Promise.all(begun.map(({ over }) => over));
    const logins = Promise.all(begun.map(({ login }) => login));
    return await clock.passWhile(logins, RESULT_PAGE_MS).finally(() => openBrowser.visited);
  }, isOfDeadline);
}

/** Begins a login; also gives what resolves when the person is done, or the login is over without them. */
function beginLogin(
  client: TestClient,
  openBrowser: Opener,
): { login: Promise<LoginResult>; over: Promise<void> } {
  let end!: () => void;
  const over = new Promise<void>((resolve) => end = resolve);
  const opener: Opener = (url) => openBrowser(url).finally(end);
  const login = client.another({ openBrowser: opener }).login();
  login.then(end, end);
  return { login, over };
}

/** Visits a URL as a browser would, following redirects; returns the status and the page. */
export async function visit(address: URL): Promise<{ status: number; text: string }> {
  const response = await fetch(address);
  return { status: response.status, text: await response.text() };
}

/** Delivers a response, and ignores the page that follows. */
export async function bringHome(response: URL): Promise<void> {
  await visit(response);
}
