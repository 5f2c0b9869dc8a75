import { setCookie } from "@std/http/cookie";
import { randomToken } from "../../core/encoding.ts";
import type { EmulatedOrganization, EmulatedUser } from "../entities.ts";
import { type IncomingRequest, OAuthProblem, seeOther } from "../http.ts";
import { findUserByEmail, type Instance } from "../instance.ts";
import { consentPage, endedPage, signInPage } from "../pages/pages.ts";
import type { AccessRequest, Consent, Interaction, Session } from "./state.ts";

export function showConsent(request: IncomingRequest, instance: Instance): Response {
  const pending = findInteraction(request, { id: request.url.searchParams.get("interaction"), instance });
  if (!pending) return endedPage();
  const { interaction, session } = pending;
  const user = sessionUser(session, instance);
  if (!user || interaction.mustSignIn) return proceed(interaction, { session, instance });
  const organizations = selectableOrganizations(user, { request: interaction.request, instance });
  return consentPage(interaction, { user, organizations });
}

export function submitConsent(request: IncomingRequest, instance: Instance): Response {
  const form = new URLSearchParams(request.body);
  const pending = findSubmittedInteraction(request, { form, instance });
  if (!pending) return endedPage();
  const { interaction, session } = pending;
  const user = sessionUser(session, instance);
  const decision = form.get("decision");
  if (!user || interaction.mustSignIn || decision === "switch_account") {
    interaction.mustSignIn = true;
    return proceed(interaction, { session, instance });
  }
  if (decision !== "allow") {
    instance.interactions.delete(interaction.id);
    return interaction.conclude("denied");
  }
  const organizations = selectableOrganizations(user, { request: interaction.request, instance });
  const organizationId = chosenOrganization(form, organizations)?.id;
  return complete(interaction, { session, user, consent: { organizationId }, instance });
}

function chosenOrganization(
  form: URLSearchParams,
  organizations: readonly EmulatedOrganization[],
): EmulatedOrganization | undefined {
  return organizations.find(({ id }) => id === form.get("organization")) ?? organizations[0];
}

/** Identifies a consent by user, application and scopes. */
function consentKey(user: EmulatedUser, { application, scopes }: AccessRequest): string {
  return JSON.stringify([user.id, application.clientId, [...scopes].sort()]);
}

/** Lists the organizations that the user may choose; none without the scope `user:org:read`. */
function selectableOrganizations(
  user: EmulatedUser,
  { request, instance }: { request: AccessRequest; instance: Instance },
): EmulatedOrganization[] {
  if (!request.scopes.includes("user:org:read")) return [];
  return user.organizationIds.map((id) => instance.organizations.get(id)).filter((found) =>
    found !== undefined
  );
}

const LIFETIME_MS = 15 * 60 * 1000;

/** A request that starts an interaction. */
type NewInteraction = Pick<Interaction, "request" | "prompts" | "origin" | "conclude">;

/**
 * Leads a browser through the pages and keeps the request until the user decides.
 *
 * @throws {OAuthProblem} `login_required` or `consent_required` if a page is needed but `prompt=none` forbids
 * it.
 */
export function interact(
  incoming: IncomingRequest,
  { instance, ...options }: NewInteraction & { instance: Instance },
): Response {
  const session = findSession(incoming, instance) ?? startSession(instance);
  const interaction: Interaction = {
    ...options,
    id: randomToken(),
    csrfToken: randomToken(),
    expiresAt: instance.now() + LIFETIME_MS,
    sessionId: session.id,
    mustSignIn: options.prompts.includes("login"),
  };
  instance.interactions.set(interaction.id, interaction);
  return withSession(proceed(interaction, { session, instance }), { session, instance });
}

/**
 * Continues an interaction until it needs the user again: at the sign-in page, the consent page, or the end.
 *
 * @throws {OAuthProblem} `login_required` or `consent_required` if a page is needed but `prompt=none` forbids
 * it.
 */
function proceed(
  interaction: Interaction,
  { session, instance }: { session: Session; instance: Instance },
): Response {
  const user = sessionUser(session, instance);
  if (!user || interaction.mustSignIn) return ask("/sign-in", interaction, "login_required");
  const consent = presumedConsent(interaction, { user, instance });
  if (!consent) return ask("/consent", interaction, "consent_required");
  return complete(interaction, { session, user, consent, instance });
}

function complete(
  interaction: Interaction,
  { session: { authenticatedAt }, user, consent, instance }: {
    session: Session;
    user: EmulatedUser;
    consent: Consent;
    instance: Instance;
  },
): Response {
  instance.interactions.delete(interaction.id);
  instance.consents.set(consentKey(user, interaction.request), consent);
  return interaction.conclude({ ...consent, user, authenticatedAt });
}

function ask(path: string, { id, prompts }: Interaction, error: string): Response {
  if (!prompts.includes("none")) return seeOther(`${path}?interaction=${id}`);
  throw new OAuthProblem(error, "The user would have to be asked, which 'prompt=none' forbids");
}

/**
 * Returns the consent if the user need not be asked: a remembered one, or any if the application has no
 * consent page.
 */
function presumedConsent(
  { request, prompts }: Interaction,
  { user, instance }: { user: EmulatedUser; instance: Instance },
): Consent | undefined {
  if (prompts.includes("consent")) return undefined;
  if (!request.application.consentScreenEnabled) {
    return { organizationId: selectableOrganizations(user, { request, instance })[0]?.id };
  }
  return instance.behavior.rememberConsent ? instance.consents.get(consentKey(user, request)) : undefined;
}

/** An interaction and the session of its browser. */
interface PendingInteraction {
  interaction: Interaction;
  session: Session;
}

/** Finds the interaction of a page; `undefined` if it is over or belongs to another browser. */
function findInteraction(
  request: IncomingRequest,
  { id, instance }: { id: string | null; instance: Instance },
): PendingInteraction | undefined {
  const interaction = instance.interactions.get(id ?? "");
  const session = findSession(request, instance);
  if (!interaction || !session || interaction.sessionId !== session.id) return undefined;
  return interaction.expiresAt > instance.now() ? { interaction, session } : undefined;
}

/** Finds the interaction of a submitted form; `undefined` if the form is not ours. */
function findSubmittedInteraction(
  request: IncomingRequest,
  { form, instance }: { form: URLSearchParams; instance: Instance },
): PendingInteraction | undefined {
  const pending = findInteraction(request, { id: form.get("interaction"), instance });
  return pending?.interaction.csrfToken === form.get("csrf_token") ? pending : undefined;
}

/** Finds the session of the browser that sent the request. */
function findSession(request: IncomingRequest, instance: Instance): Session | undefined {
  const prefix = `${cookieName(instance)}=`;
  // Other programs on this host set cookies, too: ignore them.
  const pairs = request.headers.get("cookie")?.split(";").map((pair) => pair.trim()) ?? [];
  const pair = pairs.find((text) => text.startsWith(prefix));
  return pair === undefined ? undefined : instance.sessions.get(pair.slice(prefix.length));
}

/** Starts a session, anonymous or of a user. */
function startSession(instance: Instance, user?: EmulatedUser): Session {
  const session: Session = { id: randomToken(), userId: user?.id, authenticatedAt: instance.now() };
  instance.sessions.set(session.id, session);
  return session;
}

/** Returns the user who is signed in. */
function sessionUser(session: Session, instance: Instance): EmulatedUser | undefined {
  return session.userId === undefined ? undefined : instance.users.get(session.userId);
}

function withSession(
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

/** All ports of a host share cookies. The name separates emulators on different ports. */
function cookieName({ id }: Instance): string {
  return `__emulator_session_${id.slice(-8)}`;
}

export function showSignIn(request: IncomingRequest, instance: Instance): Response {
  const pending = findInteraction(request, { id: request.url.searchParams.get("interaction"), instance });
  if (!pending) return endedPage();
  return signInPage(pending.interaction, { users: [...instance.users.values()] });
}

/** Signs in a user by email address alone. */
export function submitSignIn(request: IncomingRequest, instance: Instance): Response {
  const form = new URLSearchParams(request.body);
  const pending = findSubmittedInteraction(request, { form, instance });
  if (!pending) return endedPage();
  const { interaction } = pending;
  const email = form.get("email") ?? "";
  const user = findUserByEmail(instance, email);
  if (!user) return signInPage(interaction, { users: [...instance.users.values()], unknownEmail: email });
  // Start a new session, so that whoever knows the old cookie is not signed in.
  const session = startSession(instance, user);
  interaction.sessionId = session.id;
  interaction.mustSignIn = false;
  return withSession(proceed(interaction, { session, instance }), { session, instance });
}
