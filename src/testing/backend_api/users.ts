import type { EmulatedUser } from "../entities.ts";
import { ClerkProblem, json } from "../http.ts";
import { addUser, findUserByEmail, type Instance, removeUser } from "../instance.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { isLike, isWanted, JsonBody, missingResource, slicePage, userJson } from "./json.ts";

/** `POST /users` */
export const createUser: Handler = (request, instance) => {
  const body = new JsonBody(request);
  const [email = null, ...otherEmails] = body.texts("email_address") ?? [];
  for (const address of [email, ...otherEmails]) {
    if (address !== null && findUserByEmail(instance, address)) throw isTaken("email address");
  }
  const user = addUser(instance, {
    email,
    otherEmails,
    firstName: body.text("first_name") ?? null,
    lastName: body.text("last_name") ?? null,
    username: freeUsername(body, instance),
    externalId: body.text("external_id") ?? null,
    publicMetadata: body.object("public_metadata") ?? {},
    privateMetadata: body.object("private_metadata") ?? {},
    unsafeMetadata: body.object("unsafe_metadata") ?? {},
  });
  return json(userJson(user));
};

/**
 * `GET /users`, filtered by ID, organization, or part of the email address or name. Unlike other lists, a
 * bare array
 */
export const listUsers: Handler = ({ url: { searchParams } }, instance) =>
  json(slicePage(matchingUsers(searchParams, instance), searchParams).map(userJson));

/** `GET /users/count` */
export const countUsers: Handler = ({ url: { searchParams } }, instance) =>
  json({ object: "total_count", total_count: matchingUsers(searchParams, instance).length });

/** `GET /users/:id` */
export const showUser: Handler = (_request, instance, parameters) =>
  json(userJson(findUser(instance, parameters)));

/** `PATCH /users/:id`: names and the external ID; other fields are ignored */
export const updateUser: Handler = (request, instance, parameters) => {
  const user = findUser(instance, parameters);
  const body = new JsonBody(request);
  Object.assign(
    user,
    {
      ...body.has("first_name") && { firstName: body.text("first_name") ?? null },
      ...body.has("last_name") && { lastName: body.text("last_name") ?? null },
      ...body.has("username") && { username: freeUsername(body, instance, user) },
      ...body.has("external_id") && { externalId: body.text("external_id") ?? null },
      updatedAt: instance.now(),
    } satisfies Partial<EmulatedUser>,
  );
  return json(userJson(user));
};

/** `DELETE /users/:id` */
export const deleteUser: Handler = (_request, instance, parameters) => {
  const { id } = findUser(instance, parameters);
  removeUser(instance, id);
  return json({ object: "user", id, deleted: true });
};

/** Returns the requested user name, which must be free. A blank one is `null`. */
function freeUsername(body: JsonBody, { users }: Instance, owner?: EmulatedUser): string | null {
  const username = body.text("username") || null;
  const other = [...users.values()].find((user) => user !== owner && user.username === username);
  if (username !== null && other) throw isTaken("username");
  return username;
}

function isTaken(what: string): ClerkProblem {
  return new ClerkProblem(422, "form_identifier_exists", `That ${what} is taken. Please try another`);
}

function matchingUsers(query: URLSearchParams, { users }: Instance): EmulatedUser[] {
  return [...users.values()].filter((user) => {
    const { id, email, otherEmails, username, externalId, organizationIds, firstName, lastName } = user;
    const emails = [email, ...otherEmails];
    return isWanted(query, { parameter: "user_id", values: [id] }) &&
      isWanted(query, { parameter: "email_address", values: emails }) &&
      isWanted(query, { parameter: "username", values: [username] }) &&
      isWanted(query, { parameter: "external_id", values: [externalId] }) &&
      isWanted(query, { parameter: "organization_id", values: organizationIds }) &&
      isLike(query, { parameter: "query", values: [id, ...emails, username, firstName, lastName] });
  });
}

function findUser({ users }: Instance, { id = "" }: PathParameters): EmulatedUser {
  const user = users.get(id);
  if (user) return user;
  throw missingResource("User");
}
