import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { decodeJwtClaims, encodeBase64Url } from "../doors/core.ts";
import { loadRuntime } from "../doors/runtime.ts";

type Members = Record<string, unknown>;

/** What an issuer says differently from what it should. The rest is right. */
export interface Misbehavior {
  /** Members of its metadata. */
  metadata?: Members;
  /** Changes the parameters that it sends the browser back with. */
  authorizationResponse?: (parameters: URLSearchParams) => void;
  /** Members of its token response. */
  tokenAnswer?: Members;
  /** Claims of the ID token, which is still signed with the right key. */
  idToken?: Members;
  /** Header parameters of the ID token. With the algorithm `none` it is not signed. */
  idTokenHeader?: Members;
  /** Members of its userinfo response. */
  userinfo?: Members;
}

export interface MisbehavingIssuer {
  issuer: string;
  /** The emulator underneath. */
  emulator: Emulator;
  /** Applies from the next request on. */
  misbehavior: Misbehavior;
  close(): Promise<void>;
}

/** Starts an issuer that behaves well for now. It names itself in its authorization responses. */
export async function startMisbehavingIssuer(): Promise<MisbehavingIssuer> {
  const emulator = createEmulator({ behavior: { sendIssuerInRedirect: true } });
  const { serveLoopback } = await loadRuntime();
  const server = await serveLoopback(async (request) => {
    const response = await emulator.fetch(request);
    return await twist(issuer, new URL(request.url), response);
  }, { port: 0 });
  const issuer: MisbehavingIssuer = {
    issuer: `http://127.0.0.1:${server.port}`,
    emulator,
    misbehavior: {},
    close: () => server.close(),
  };
  return issuer;
}

async function twist(issuer: MisbehavingIssuer, { pathname }: URL, response: Response): Promise<Response> {
  const { metadata, tokenAnswer, userinfo } = issuer.misbehavior;
  const location = response.headers.get("location");
  if (location?.includes("/callback")) return redirected(issuer.misbehavior, location);
  if (!response.ok) return response;
  if (/^\/\.well-known\/o(auth|penid)-/.test(pathname)) return await changed(response, metadata);
  if (pathname === "/oauth/userinfo") return await changed(response, userinfo);
  if (pathname !== "/oauth/token") return response;
  const answer = await response.json();
  return Response.json({ ...answer, id_token: await idToken(issuer, answer), ...tokenAnswer });
}

async function changed(response: Response, members: Members = {}): Promise<Response> {
  return Response.json({ ...await response.json(), ...members });
}

function redirected({ authorizationResponse }: Misbehavior, location: string): Response {
  const url = new URL(location);
  authorizationResponse?.(url.searchParams);
  return new Response(null, { status: 303, headers: { location: url.href } });
}

async function idToken({ emulator, misbehavior }: MisbehavingIssuer, answer: Members): Promise<string> {
  const claims = { ...decodeJwtClaims(String(answer.id_token)), ...misbehavior.idToken };
  const header = misbehavior.idTokenHeader ?? {};
  return header.alg === "none" ? unsigned(header, claims) : await emulator.signJwt(claims, header);
}

function unsigned(...parts: Members[]): string {
  const encode = (part: Members) => encodeBase64Url(new TextEncoder().encode(JSON.stringify(part)));
  return `${parts.map(encode).join(".")}.`;
}
