import type { ClerkCliAuthConfig } from "@clerk/cli-auth";
import type { TestClient } from "../../harness/test_client.ts";

/** A browser that a test stands in for. */
export type Opener = NonNullable<ClerkCliAuthConfig["openBrowser"]>;

/** Makes an opener that signs in and does what it likes with the address that the issuer sends the browser to. */
export function openerThat(client: TestClient, visit: (response: URL) => unknown): Opener {
  return async (url) => {
    const { url: response } = await client.browser.signIn(url, { visitCallback: false });
    await visit(new URL(response));
  };
}

/** Makes an opener that brings an authorization response home which was changed on the way. */
export function changedResponse(client: TestClient, change: (parameters: URLSearchParams) => void): Opener {
  return openerThat(client, (response) => {
    change(response.searchParams);
    return visit(response);
  });
}

/** Visits an address as a browser would, redirects included; gives the status and the page. */
export async function visit(address: URL): Promise<{ status: number; text: string }> {
  const response = await fetch(address);
  return { status: response.status, text: await response.text() };
}
