import { serveBare } from "../support/bare_server.ts";

/** A listener for the redirect that ends a sign-in. */
export interface CallbackServer {
  redirectUri: string;
  /** The address that the browser came to. */
  callback: Promise<URL>;
  close(): Promise<void>;
}

/** Listens with the least around it; the browser is sent on to a page without the code in its address. */
export async function listenForCallback(): Promise<CallbackServer> {
  let arrive = (_url: URL) => {};
  const callback = new Promise<URL>((resolve) => arrive = resolve);
  const server = await serveBare((request) => {
    const url = new URL(request.url);
    if (url.pathname === "/done") return new Response("Signed in");
    arrive(url);
    return new Response(null, { status: 303, headers: { location: "/done" } });
  });
  return { redirectUri: `http://127.0.0.1:${server.port}/callback`, callback, close: () => server.close() };
}
