import type { EmulatedOrganization } from "../entities.ts";
import { json } from "../http.ts";
import { addOrganization, type Instance, removeOrganization } from "../instance.ts";
import type { Handler, PathParameters } from "../serve.ts";
import { JsonBody, listPage, missingResource } from "./json.ts";

/** `POST /organizations` */
export const createOrganization: Handler = (request, instance) => {
  const body = new JsonBody(request);
  const name = body.requiredText("name");
  const createdBy = body.text("created_by");
  const creator = createdBy === undefined ? undefined : instance.users.get(createdBy);
  if (createdBy !== undefined && !creator) throw missingResource("User");
  const slug = body.text("slug");
  const organization = addOrganization(instance, {
    name,
    publicMetadata: body.object("public_metadata") ?? {},
    privateMetadata: body.object("private_metadata") ?? {},
    ...slug !== undefined && { slug },
    ...createdBy !== undefined && { createdBy },
  });
  creator?.organizationIds.push(organization.id);
  return json(organizationJson(organization, instance));
};

/** `GET /organizations` */
export const listOrganizations: Handler = ({ url: { searchParams } }, instance) => {
  const organizations = [...instance.organizations.values()];
  return listPage(organizations.map((found) => organizationJson(found, instance)), searchParams);
};

/** `GET /organizations/:id`, by identifier or slug */
export const showOrganization: Handler = (_request, instance, parameters) =>
  json(organizationJson(findOrganization(instance, parameters), instance));

/** `DELETE /organizations/:id` */
export const deleteOrganization: Handler = (_request, instance, parameters) => {
  const { id } = findOrganization(instance, parameters);
  removeOrganization(instance, id);
  return json({ object: "organization", id, deleted: true });
};

function findOrganization({ organizations }: Instance, { id = "" }: PathParameters): EmulatedOrganization {
  const organization = organizations.get(id) ?? [...organizations.values()].find(({ slug }) => slug === id);
  if (organization) return organization;
  throw missingResource("Organization");
}

function organizationJson(organization: EmulatedOrganization, { users }: Instance): Record<string, unknown> {
  const members = [...users.values()].filter(({ organizationIds }) =>
    organizationIds.includes(organization.id)
  );
  return {
    object: "organization",
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    image_url: "",
    has_image: false,
    members_count: members.length,
    max_allowed_memberships: 5,
    admin_delete_enabled: true,
    public_metadata: organization.publicMetadata,
    private_metadata: organization.privateMetadata,
    ...organization.createdBy !== null && { created_by: organization.createdBy },
    created_at: organization.createdAt,
    updated_at: organization.createdAt,
  };
}
