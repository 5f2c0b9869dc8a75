import type { EmulatedUser } from "../entities.ts";
import { ClerkProblem, json } from "../http.ts";
import { addUser, findUserByEmail, type Instance, removeUser } from "../instance.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { JsonBody, missingResource, slicePage, userJson } from "./json.ts";

/** `POST /users` */
export const createUser: Handler = (request, instance) => {
  const body = new JsonBody(request);
  const [email = null, ...otherEmails] = body.texts("email_address") ?? [];
  for (const address of [email, ...otherEmails]) {
    if (address === null || !findUserByEmail(instance, address)) continue;
    throw new ClerkProblem(422, "form_identifier_exists", "That email address is taken. Please try another");
  }
  const user = addUser(instance, {
    email,
    otherEmails,
    firstName: body.text("first_name") ?? null,
    lastName: body.text("last_name") ?? null,
    username: body.text("username") ?? null,
    publicMetadata: body.object("public_metadata") ?? {},
    privateMetadata: body.object("private_metadata") ?? {},
    unsafeMetadata: body.object("unsafe_metadata") ?? {},
  });
  return json(userJson(user));
};

/** `GET /users`, also by `email_address` and `user_id`: a bare array, unlike other lists */
export const listUsers: Handler = ({ url: { searchParams } }, instance) =>
  json(slicePage(matchingUsers(searchParams, instance), searchParams).map(userJson));

/** `GET /users/count` */
export const countUsers: Handler = ({ url: { searchParams } }, instance) =>
  json({ object: "total_count", total_count: matchingUsers(searchParams, instance).length });

/** `GET /users/:id` */
export const showUser: Handler = (_request, instance, parameters) =>
  json(userJson(findUser(instance, parameters)));

/** `DELETE /users/:id` */
export const deleteUser: Handler = (_request, instance, parameters) => {
  const { id } = findUser(instance, parameters);
  removeUser(instance, id);
  return json({ object: "user", id, deleted: true });
};

function matchingUsers(query: URLSearchParams, { users }: Instance): EmulatedUser[] {
  const [emails, ids] = [query.getAll("email_address"), query.getAll("user_id")];
  return [...users.values()].filter(({ id, email, otherEmails }) =>
    (ids.length === 0 || ids.includes(id)) &&
    (emails.length === 0 || emails.some((address) => address === email || otherEmails.includes(address)))
  );
}

function findUser({ users }: Instance, { id = "" }: PathParameters): EmulatedUser {
  const user = users.get(id);
  if (user) return user;
  throw missingResource("User");
}
