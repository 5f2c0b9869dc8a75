import type { EmulatedOrganization, EmulatedUser } from "../entities.ts";
import { ClerkProblem, json } from "../http.ts";
import { type Instance, type Membership, randomIdentifier } from "../instance.ts";
import type { Handler } from "../serve.ts";
import { isLike, isWanted, JsonBody, listPage, missingResource } from "./json.ts";
import { findOrganization, membersOf, organizationJson } from "./organizations.ts";

/** `POST /organizations/:id/memberships` */
export const createMembership: Handler = (request, instance, parameters) => {
  const organization = findOrganization(instance, parameters);
  const body = new JsonBody(request);
  const user = instance.users.get(body.requiredText("user_id"));
  if (!user) throw missingResource("User");
  const role = body.requiredText("role");
  const publicMetadata = body.object("public_metadata") ?? {};
  const privateMetadata = body.object("private_metadata") ?? {};
  assertRoomFor(user, { organization, instance });
  user.organizationIds.push(organization.id);
  const membership = membershipOf(user, { organization, instance });
  Object.assign(membership, { role, publicMetadata, privateMetadata });
  return json(membershipJson(user, { organization, instance }));
};

/** `GET /organizations/:id/memberships`, filtered by user, email address, role, or part of the email address or name */
export const listMemberships: Handler = ({ url: { searchParams } }, instance, { id = "" }) => {
  const organization = instance.organizations.get(id);
  // Clerk documents no 404 here.
  if (!organization) throw new ClerkProblem(422, "resource_not_found", "Organization not found");
  const members = membersOf(organization, instance).filter((user) => {
    const { id, email, otherEmails, firstName, lastName, username } = user;
    const { role } = membershipOf(user, { organization, instance });
    return isWanted(searchParams, { parameter: "user_id", values: [id] }) &&
      isWanted(searchParams, { parameter: "email_address", values: [email, ...otherEmails] }) &&
      isWanted(searchParams, { parameter: "role", values: [role] }) &&
      isLike(searchParams, { parameter: "query", values: [id, email, firstName, lastName, username] });
  });
  return listPage(members.map((user) => membershipJson(user, { organization, instance })), searchParams);
};

/** `GET /users/:id/organization_memberships` */
export const listMembershipsOfUser: Handler = ({ url: { searchParams } }, instance, { id = "" }) => {
  const user = instance.users.get(id);
  // Clerk documents no 404 here.
  if (!user) throw new ClerkProblem(403, "resource_not_found", "User not found");
  const organizations = user.organizationIds.map((id) => instance.organizations.get(id)).filter((found) =>
    found !== undefined
  );
  return listPage(
    organizations.map((organization) => membershipJson(user, { organization, instance })),
    searchParams,
    { invalid: 403 },
  );
};

function assertRoomFor(
  { id, organizationIds }: EmulatedUser,
  { organization, instance }: { organization: EmulatedOrganization; instance: Instance },
): void {
  if (organizationIds.includes(organization.id)) {
    throw new ClerkProblem(400, "already_a_member_in_organization", `${id} is already a member`);
  }
  const { maxAllowedMemberships: max } = organization;
  if (max > 0 && membersOf(organization, instance).length >= max) {
    throw new ClerkProblem(
      403,
      "organization_membership_quota_exceeded",
      `The organization may have ${max} members`,
    );
  }
}

/** Finds the details of a membership, or creates them on demand. */
function membershipOf(
  { id }: EmulatedUser,
  { organization, instance }: { organization: EmulatedOrganization; instance: Instance },
): Membership {
  const key = `${id} ${organization.id}`;
  const known = instance.memberships.get(key);
  if (known) return known;
  const membership: Membership = {
    id: randomIdentifier("orgmem"),
    role: organization.createdBy === id ? "org:admin" : "org:member",
    publicMetadata: {},
    privateMetadata: {},
    createdAt: instance.now(),
  };
  instance.memberships.set(key, membership);
  return membership;
}

function membershipJson(
  user: EmulatedUser,
  { organization, instance }: { organization: EmulatedOrganization; instance: Instance },
): Record<string, unknown> {
  const { id, role, publicMetadata, privateMetadata, createdAt } = membershipOf(user, {
    organization,
    instance,
  });
  return {
    object: "organization_membership",
    id,
    role,
    permissions: [],
    public_metadata: publicMetadata,
    private_metadata: privateMetadata,
    organization: organizationJson(organization, instance),
    public_user_data: {
      user_id: user.id,
      identifier: user.email,
      username: user.username,
      first_name: user.firstName,
      last_name: user.lastName,
      profile_image_url: user.imageUrl,
      image_url: user.imageUrl,
      has_image: true,
    },
    created_at: createdAt,
    updated_at: createdAt,
  };
}
