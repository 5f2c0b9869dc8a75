import { randomToken } from "../../core/encoding.ts";
import type { EmulatedOrganization, EmulatedUser } from "../entities.ts";
import { type IncomingRequest, OAuthProblem, readOAuthForm, refuseRepeated, seeOther } from "../http.ts";
import { findUserByEmail, type Instance, randomIdentifier } from "../instance.ts";
import { consentPage, endedPage, signInPage } from "../pages/pages.ts";
import {
  authorizationResponse,
  parseAuthorizationRequest,
  parseResponseTarget,
} from "./authorization_request.ts";
import { setCookie } from "@std/http/cookie";
import type { AuthorizationRequest, Consent, Grant, Interaction, Session } from "./state.ts";

/** Shows the consent page. */
export function showConsent(request: IncomingRequest, instance: Instance): Response {
  const pending = findInteraction(request, { id: request.url.searchParams.get("interaction"), instance });
  if (!pending) return endedPage();
  const { interaction, session } = pending;
  const user = sessionUser(session, instance);
  if (!user || interaction.mustSignIn) return proceed(interaction, { session, instance });
  const organizations = selectableOrganizations(user, { request: interaction.request, instance });
  return consentPage(interaction, { user, organizations });
}

/** Handles the user's decision. */
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
  if (decision !== "allow") return deny(interaction, instance);
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

/** What a consent is for: the user, the application and the scopes. */
function consentKey(user: EmulatedUser, { application, scopes }: AuthorizationRequest): string {
  return JSON.stringify([user.id, application.clientId, [...scopes].sort()]);
}

/** The organizations that the user may choose from for a request; none without the scope `user:org:read`. */
function selectableOrganizations(
  user: EmulatedUser,
  { request, instance }: { request: AuthorizationRequest; instance: Instance },
): EmulatedOrganization[] {
  if (!request.scopes.includes("user:org:read")) return [];
  return user.organizationIds.map((id) => instance.organizations.get(id)).filter((found) =>
    found !== undefined
  );
}

const LIFETIME_MS = 15 * 60 * 1000;

/** Keeps an authorization request until its user decides. */
function startInteraction(
  request: AuthorizationRequest,
  { session, issuer, instance }: { session: Session; issuer: string; instance: Instance },
): Interaction {
  const interaction: Interaction = {
    id: randomToken(),
    csrfToken: randomToken(),
    request,
    issuer,
    expiresAt: instance.now() + LIFETIME_MS,
    sessionId: session.id,
    mustSignIn: request.prompts.includes("login"),
  };
  instance.interactions.set(interaction.id, interaction);
  return interaction;
}

/**
 * Continues an interaction as far as possible without its user: to the sign-in page, the consent page, or the end.
 *
 * @throws {OAuthProblem} `login_required` or `consent_required` if a page is needed but `prompt=none` forbids it.
 */
function proceed(
  interaction: Interaction,
  { session, instance }: { session: Session; instance: Instance },
): Response {
  const user = sessionUser(session, instance);
  if (!user || interaction.mustSignIn) return ask("/sign-in", interaction, "login_required");
  const consent = rememberedConsent(interaction.request, { user, instance });
  if (!consent) return ask("/consent", interaction, "consent_required");
  return complete(interaction, { session, user, consent, instance });
}

/** Ends an interaction with a code. */
function complete(
  interaction: Interaction,
  { session, user, consent, instance }: {
    session: Session;
    user: EmulatedUser;
    consent: Consent;
    instance: Instance;
  },
): Response {
  const { request, issuer } = interaction;
  instance.interactions.delete(interaction.id);
  instance.consents.set(consentKey(user, request), consent);
  const code = issueCode(request, { user, consent, authenticatedAt: session.authenticatedAt, instance });
  return authorizationResponse(request, { parameters: { code }, issuer, instance });
}

/** Ends an interaction with `access_denied`. */
function deny(interaction: Interaction, instance: Instance): Response {
  const { request, issuer } = interaction;
  instance.interactions.delete(interaction.id);
  const parameters = { error: "access_denied", error_description: "The resource owner denied the request" };
  return authorizationResponse(request, { parameters, issuer, instance });
}

function ask(path: string, interaction: Interaction, error: string): Response {
  if (!interaction.request.prompts.includes("none")) return seeOther(`${path}?interaction=${interaction.id}`);
  throw new OAuthProblem(error, "The user would have to be asked, which 'prompt=none' forbids");
}

function rememberedConsent(
  request: AuthorizationRequest,
  { user, instance }: { user: EmulatedUser; instance: Instance },
): Consent | undefined {
  if (request.prompts.includes("consent") || !instance.behavior.rememberConsent) return undefined;
  return instance.consents.get(consentKey(user, request));
}

/** Issues an authorization code (RFC 6749, section 4.1.2). */
function issueCode(
  request: AuthorizationRequest,
  { user, consent, authenticatedAt, instance }: {
    user: EmulatedUser;
    consent: Consent;
    authenticatedAt: number;
    instance: Instance;
  },
): string {
  const { application, scopes, audience, nonce, requestedRedirectUri, codeChallenge } = request;
  const grant = findOrCreateGrant(instance, { userId: user.id, clientId: application.clientId });
  const code = randomToken();
  instance.codes.set(code, {
    authorization: {
      grant,
      scopes,
      audience,
      nonce,
      authenticatedAt,
      organizationId: consent.organizationId,
    },
    redirectUri: requestedRedirectUri,
    codeChallenge,
    expiresAt: instance.now() + instance.behavior.authorizationCodeLifetimeSeconds * 1000,
    used: false,
  });
  return code;
}

/** Every sign-in has its own grant, unless they share one. */
export function findOrCreateGrant(
  instance: Instance,
  { userId, clientId }: { userId: string; clientId: string },
): Grant {
  const shared = instance.behavior.shareGrantOnRelogin &&
    [...instance.grants].find((grant) =>
      grant.userId === userId && grant.clientId === clientId && !grant.revoked
    );
  if (shared) return shared;
  const grant: Grant = { id: randomIdentifier("grant"), userId, clientId, revoked: false };
  instance.grants.add(grant);
  return grant;
}

/** An interaction and the browser that it belongs to. */
interface PendingInteraction {
  interaction: Interaction;
  session: Session;
}

/** The interaction for which a page is requested; `undefined` if it is over or belongs to another browser. */
function findInteraction(
  request: IncomingRequest,
  { id, instance }: { id: string | null; instance: Instance },
): PendingInteraction | undefined {
  const interaction = instance.interactions.get(id ?? "");
  const session = findSession(request, instance);
  if (!interaction || !session || interaction.sessionId !== session.id) return undefined;
  return interaction.expiresAt > instance.now() ? { interaction, session } : undefined;
}

/** The interaction for which a form was sent; `undefined` also if the form is not ours. */
function findSubmittedInteraction(
  request: IncomingRequest,
  { form, instance }: { form: URLSearchParams; instance: Instance },
): PendingInteraction | undefined {
  const pending = findInteraction(request, { id: form.get("interaction"), instance });
  return pending?.interaction.csrfToken === form.get("csrf_token") ? pending : undefined;
}

/** The session of the browser that sent the request. */
function findSession(request: IncomingRequest, instance: Instance): Session | undefined {
  const prefix = `${cookieName(instance)}=`;
  // Other programs on this host set cookies too: cookies besides ours must not matter.
  const pairs = request.headers.get("cookie")?.split(";").map((pair) => pair.trim()) ?? [];
  const pair = pairs.find((text) => text.startsWith(prefix));
  return pair === undefined ? undefined : instance.sessions.get(pair.slice(prefix.length));
}

/** Starts a session: an anonymous one, or one of a user. */
function startSession(instance: Instance, user?: EmulatedUser): Session {
  const session: Session = { id: randomToken(), userId: user?.id, authenticatedAt: instance.now() };
  instance.sessions.set(session.id, session);
  return session;
}

/** The user who is signed in with a session. */
function sessionUser(session: Session, instance: Instance): EmulatedUser | undefined {
  return session.userId === undefined ? undefined : instance.users.get(session.userId);
}

/** Adds the session's cookie to a response. */
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

/** Cookies are shared by all ports of a host: the name keeps emulators on other ports apart. */
function cookieName({ id }: Instance): string {
  return `__emulator_session_${id.slice(-8)}`;
}

/** Shows the sign-in page. */
export function showSignIn(request: IncomingRequest, instance: Instance): Response {
  const pending = findInteraction(request, { id: request.url.searchParams.get("interaction"), instance });
  if (!pending) return endedPage();
  return signInPage(pending.interaction, { users: [...instance.users.values()] });
}

/** Signs in a user by an email address alone. */
export function submitSignIn(request: IncomingRequest, instance: Instance): Response {
  const form = new URLSearchParams(request.body);
  const pending = findSubmittedInteraction(request, { form, instance });
  if (!pending) return endedPage();
  const { interaction } = pending;
  const email = form.get("email") ?? "";
  const user = findUserByEmail(instance, email);
  if (!user) return signInPage(interaction, { users: [...instance.users.values()], unknownEmail: email });
  // A new session, so that nobody who knows the old cookie is signed in.
  const session = startSession(instance, user);
  interaction.sessionId = session.id;
  interaction.mustSignIn = false;
  return withSession(proceed(interaction, { session, instance }), { session, instance });
}

/**
 * The authorization endpoint (RFC 6749, section 3.1). An unknown client or an unregistered redirect URI is reported here;
 * any other error goes back to the application by a redirect.
 */
export function authorize(request: IncomingRequest, instance: Instance): Response {
  const parameters = readParameters(request);
  const application = instance.applications.get(parameters.get("client_id") ?? "");
  if (!application) {
    throw new OAuthProblem("invalid_client", "The requested OAuth 2.0 Client does not exist", {
      status: 401,
    });
  }
  const { issuer } = request;
  const target = parseResponseTarget(parameters, application);
  const session = findSession(request, instance) ?? startSession(instance);
  try {
    const authorizationRequest = parseAuthorizationRequest(parameters, { application, target });
    const interaction = startInteraction(authorizationRequest, { session, issuer, instance });
    return withSession(proceed(interaction, { session, instance }), { session, instance });
  } catch (problem) {
    if (!(problem instanceof OAuthProblem)) throw problem;
    const outcome = { error: problem.error, error_description: problem.message };
    return authorizationResponse(target, { parameters: outcome, issuer, instance });
  }
}

function readParameters(request: IncomingRequest): URLSearchParams {
  if (request.method === "POST") return readOAuthForm(request);
  refuseRepeated(request.url.searchParams);
  return request.url.searchParams;
}
