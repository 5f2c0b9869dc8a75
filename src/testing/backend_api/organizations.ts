import type { EmulatedOrganization, EmulatedUser } from "../entities.ts";
import { ClerkProblem, json } from "../http.ts";
import { addOrganization, type Instance, removeOrganization, slugify } from "../instance.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { isLike, isWanted, JsonBody, listPage, missingResource } from "./json.ts";

const SLUG = /^[a-z0-9-]+$/;

/** `POST /organizations` */
export const createOrganization: Handler = (request, instance) => {
  const body = new JsonBody(request);
  const name = body.requiredText("name");
  const createdBy = body.text("created_by");
  const creator = createdBy === undefined ? undefined : instance.users.get(createdBy);
  if (createdBy !== undefined && !creator) {
    throw new ClerkProblem(422, "form_param_value_invalid", "The parameter created_by names no user");
  }
  const maxAllowedMemberships = body.number("max_allowed_memberships", 0);
  const slug = body.text("slug", SLUG);
  const organization = addOrganization(instance, {
    name,
    slug: slug === undefined ? freeSlug(name, instance) : checkedSlug(slug, instance),
    publicMetadata: body.object("public_metadata") ?? {},
    privateMetadata: body.object("private_metadata") ?? {},
    ...createdBy !== undefined && { createdBy },
    ...maxAllowedMemberships !== undefined && { maxAllowedMemberships },
  });
  creator?.organizationIds.push(organization.id);
  return json(organizationJson(organization, instance));
};

/** `GET /organizations`, filtered by member, ID, or part of the name or slug */
export const listOrganizations: Handler = ({ url: { searchParams } }, instance) => {
  const organizations = [...instance.organizations.values()].filter((organization) => {
    const { id, name, slug } = organization;
    const members = membersOf(organization, instance).map((user) => user.id);
    return isWanted(searchParams, { parameter: "organization_id", values: [id] }) &&
      isWanted(searchParams, { parameter: "user_id", values: members }) &&
      isLike(searchParams, { parameter: "query", values: [id, name, slug] });
  });
  return listPage(organizations.map((found) => organizationJson(found, instance)), searchParams);
};

/** `GET /organizations/:id`, by ID or slug */
export const showOrganization: Handler = (_request, instance, parameters) =>
  json(organizationJson(findOrganization(instance, parameters), instance));

/** `PATCH /organizations/:id` */
export const updateOrganization: Handler = (request, instance, parameters) => {
  const organization = findOrganization(instance, parameters);
  const body = new JsonBody(request);
  const { name, slug, maxAllowedMemberships, adminDeleteEnabled } = organization;
  const wanted = body.text("slug", SLUG) ?? slug;
  Object.assign(
    organization,
    {
      name: body.text("name") || name,
      slug: wanted === slug ? slug : checkedSlug(wanted, instance),
      maxAllowedMemberships: body.number("max_allowed_memberships", 0) ?? maxAllowedMemberships,
      adminDeleteEnabled: body.boolean("admin_delete_enabled") ?? adminDeleteEnabled,
      updatedAt: instance.now(),
    } satisfies Partial<EmulatedOrganization>,
  );
  return json(organizationJson(organization, instance));
};

/** `DELETE /organizations/:id` */
export const deleteOrganization: Handler = (_request, instance, parameters) => {
  const { id } = findOrganization(instance, parameters);
  removeOrganization(instance, id);
  return json({ object: "organization", id, deleted: true });
};

/** Finds an organization by ID or slug. */
export function findOrganization(
  instance: Instance,
  { id = "" }: PathParameters,
): EmulatedOrganization {
  const organization = instance.organizations.get(id) ?? findBySlug(id, instance);
  if (organization) return organization;
  throw missingResource("Organization");
}

function findBySlug(slug: string, { organizations }: Instance): EmulatedOrganization | undefined {
  return [...organizations.values()].find((organization) => organization.slug === slug);
}

function checkedSlug(slug: string, instance: Instance): string {
  if (!findBySlug(slug, instance)) return slug;
  throw new ClerkProblem(422, "form_identifier_exists", "That slug is taken. Please try another");
}

/** Returns a slug for a name, numbered if another organization uses it. */
function freeSlug(name: string, instance: Instance): string {
  const slug = slugify(name);
  for (let number = 1;; number++) {
    const candidate = number === 1 ? slug : `${slug}-${number}`;
    if (!findBySlug(candidate, instance)) return candidate;
  }
}

/** Lists the members of an organization. */
export function membersOf({ id }: EmulatedOrganization, { users }: Instance): EmulatedUser[] {
  return [...users.values()].filter(({ organizationIds }) => organizationIds.includes(id));
}

/** Formats an organization as the Backend API does. */
export function organizationJson(
  organization: EmulatedOrganization,
  instance: Instance,
): Record<string, unknown> {
  return {
    object: "organization",
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    image_url: "",
    has_image: false,
    members_count: membersOf(organization, instance).length,
    max_allowed_memberships: organization.maxAllowedMemberships,
    admin_delete_enabled: organization.adminDeleteEnabled,
    public_metadata: organization.publicMetadata,
    private_metadata: organization.privateMetadata,
    ...organization.createdBy !== null && { created_by: organization.createdBy },
    created_at: organization.createdAt,
    updated_at: organization.updatedAt,
  };
}
