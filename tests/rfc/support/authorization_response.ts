import type { LoginResult } from "@clerk/cli-auth";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import type { TestClient } from "../../harness/test_client.ts";

/** A person with a browser that a test stands in for. */
export interface Opener {
  (url: string): Promise<void>;
  /** Settles when the person is done. */
  visited?: Promise<void>;
}

/** Makes an opener that signs in and does what it likes with the address that the issuer sends the browser to. */
export function openerThat(visit: (response: URL) => unknown): Opener {
  const opener: Opener = (url) => opener.visited = signInAndVisit(url, visit);
  return opener;
}

async function signInAndVisit(url: string, visit: (response: URL) => unknown): Promise<void> {
  const { url: response } = await createScriptedBrowser().signIn(url, { visitCallback: false });
  await visit(new URL(response));
}

/** Makes an opener that brings an authorization response home which was changed on the way. */
export function changedResponse(change: (parameters: URLSearchParams) => void): Opener {
  return openerThat((response) => {
    change(response.searchParams);
    return bringHome(response);
  });
}

/** Logs in with an opener, and ends when the login and the person have. */
export async function loginWith(client: TestClient, openBrowser: Opener): Promise<LoginResult> {
  try {
    return await client.another({ openBrowser }).login();
  } finally {
    await openBrowser.visited;
  }
}

/** Visits an address as a browser would, redirects included; gives the status and the page. */
export async function visit(address: URL): Promise<{ status: number; text: string }> {
  const response = await fetch(address);
  return { status: response.status, text: await response.text() };
}

/** Brings a response home. The page that it leads to is of no interest, and on a busy machine may be gone by then. */
export async function bringHome(response: URL): Promise<void> {
  await visit(response).catch(() => {});
}
