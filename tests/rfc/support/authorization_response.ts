import type { ClerkCliAuthConfig } from "@clerk/cli-auth";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";

/** A browser that a test stands in for. */
export type Opener = NonNullable<ClerkCliAuthConfig["openBrowser"]>;

/** Makes an opener that signs in and does what it likes with the address that the issuer sends the browser to. */
export function openerThat(visit: (response: URL) => unknown): Opener {
  return async (url) => {
    const { url: response } = await createScriptedBrowser().signIn(url, { visitCallback: false });
    await visit(new URL(response));
  };
}

/** Makes an opener that brings an authorization response home which was changed on the way. */
export function changedResponse(change: (parameters: URLSearchParams) => void): Opener {
  return openerThat((response) => {
    change(response.searchParams);
    return visit(response);
  });
}

/** Visits an address as a browser would, redirects included; gives the status and the page. */
export async function visit(address: URL): Promise<{ status: number; text: string }> {
  const response = await fetch(address);
  return { status: response.status, text: await response.text() };
}
