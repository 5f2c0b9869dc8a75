import { setCookie } from "@std/http/cookie";
import { randomToken } from "../../core/random.ts";
import type { EmulatedUser } from "../entities.ts";
import type { IncomingRequest } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";

/** A browser as the issuer knows it by its cookie, signed in or not yet. */
export interface Session {
  readonly id: string;
  readonly userId: string | undefined;
  /** When the user signed in, Unix time in milliseconds. */
  readonly authenticatedAt: number;
}

/** The session of the browser that asks. */
export function findSession(request: IncomingRequest, instance: Instance): Session | undefined {
  const prefix = `${cookieName(instance)}=`;
  // Other programs on this host set cookies too: whatever stands beside ours must not matter.
  const pairs = request.headers.get("cookie")?.split(";").map((pair) => pair.trim()) ?? [];
  const pair = pairs.find((text) => text.startsWith(prefix));
  return pair === undefined ? undefined : instance.sessions.get(pair.slice(prefix.length));
}

/** Starts a session: an anonymous one, or one of a user. */
export function startSession(instance: Instance, user?: EmulatedUser): Session {
  const session: Session = { id: randomToken(), userId: user?.id, authenticatedAt: instance.now() };
  instance.sessions.set(session.id, session);
  return session;
}

/** The user who is signed in with a session. */
export function sessionUser(session: Session, instance: Instance): EmulatedUser | undefined {
  return session.userId === undefined ? undefined : instance.users.get(session.userId);
}

/** Adds the session's cookie to an answer. */
export function withSession(
  response: Response,
  { session, instance }: { session: Session; instance: Instance },
): Response {
  setCookie(response.headers, {
    name: cookieName(instance),
    value: session.id,
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
  });
  return response;
}

/** Cookies are shared by all ports of a host: the name keeps emulators on other ports apart. */
function cookieName({ id }: Instance): string {
  return `__emulator_session_${id.slice(-8)}`;
}
