import { revokeGrants } from "./end_tokens.ts";
import type {
  CreateApplicationOptions,
  CreateOrganizationOptions,
  CreateUserOptions,
  EmulatedApplication,
  EmulatedOrganization,
  EmulatedUser,
} from "./entities.ts";
import { randomApiKeyIdentifier, randomIdentifier, randomText } from "./identifiers.ts";
import type { Instance } from "./instance.ts";
import type {
  CreateApiKeyOptions,
  CreateMachineOptions,
  EmulatedApiKey,
  EmulatedMachine,
} from "./machine_entities.ts";
import { STANDARD_SCOPES } from "./scopes.ts";

/** Adds a user to an instance. */
export function addUser(instance: Instance, options: CreateUserOptions = {}): EmulatedUser {
  const user: EmulatedUser = {
    id: randomIdentifier("user"),
    email: options.email === undefined ? `${randomText(10).toLowerCase()}@example.com` : options.email,
    emailVerified: options.emailVerified ?? true,
    otherEmails: [...options.otherEmails ?? []],
    firstName: options.firstName ?? null,
    lastName: options.lastName ?? null,
    username: options.username ?? null,
    imageUrl: options.imageUrl ?? "https://img.example.com/avatar.png",
    publicMetadata: options.publicMetadata ?? {},
    privateMetadata: options.privateMetadata ?? {},
    unsafeMetadata: options.unsafeMetadata ?? {},
    organizationIds: options.organizations?.map(({ id }) => id) ?? [],
    createdAt: instance.now(),
  };
  instance.users.set(user.id, user);
  return user;
}

/** Adds an organization to an instance. */
export function addOrganization(
  instance: Instance,
  options: CreateOrganizationOptions,
): EmulatedOrganization {
  const { name, slug = slugify(name), publicMetadata = {}, privateMetadata = {}, createdBy = null } = options;
  const organization: EmulatedOrganization = {
    id: randomIdentifier("org"),
    name,
    slug,
    publicMetadata,
    privateMetadata,
    createdBy,
    createdAt: instance.now(),
  };
  instance.organizations.set(organization.id, organization);
  return organization;
}

/** Adds an OAuth application to an instance. */
export function addApplication(
  instance: Instance,
  options: CreateApplicationOptions = {},
): EmulatedApplication {
  const isPublic = options.public ?? true;
  const application: EmulatedApplication = {
    id: randomIdentifier("oa"),
    clientId: options.clientId ?? randomText(16),
    clientSecret: isPublic ? null : randomText(32),
    name: options.name ?? "Test application",
    redirectUris: [...options.redirectUris ?? ["http://127.0.0.1/callback"]],
    pkceRequired: isPublic || (options.pkceRequired ?? true),
    scopes: [...options.scopes ?? STANDARD_SCOPES],
    createdAt: instance.now(),
  };
  instance.applications.set(application.clientId, application);
  return application;
}

/** Adds a machine to an instance. */
export function addMachine(instance: Instance, options: CreateMachineOptions = {}): EmulatedMachine {
  const { name = "Test machine", scopedMachineIds = [], defaultTokenTtl = 3600 } = options;
  const machine: EmulatedMachine = {
    id: randomIdentifier("mch"),
    name,
    secretKey: `ak_${randomText(40)}`,
    scopedMachineIds: [...scopedMachineIds],
    defaultTokenTtl,
    createdAt: instance.now(),
  };
  instance.machines.set(machine.id, machine);
  return machine;
}

/** Adds an API key to an instance. */
export function addApiKey(
  instance: Instance,
  { subject, ...options }: CreateApiKeyOptions & Required<Pick<CreateApiKeyOptions, "subject">>,
): EmulatedApiKey {
  const now = instance.now();
  const { secondsUntilExpiration = null } = options;
  const apiKey: EmulatedApiKey = {
    id: randomApiKeyIdentifier(),
    secret: `ak_${randomText(40)}`,
    subject: typeof subject === "string" ? subject : subject.id,
    name: options.name ?? "Test key",
    description: options.description ?? null,
    claims: options.claims ?? null,
    scopes: [...options.scopes ?? []],
    revoked: false,
    revocationReason: null,
    expiration: secondsUntilExpiration === null ? null : now + secondsUntilExpiration * 1000,
    createdBy: options.createdBy ?? null,
    lastUsedAt: null,
    createdAt: now,
    updatedAt: now,
  };
  instance.apiKeys.set(apiKey.id, apiKey);
  return apiKey;
}

/** Removes a user; the tokens and API keys of the user die. */
export function removeUser(instance: Instance, id: string): void {
  instance.users.delete(id);
  revokeApiKeysOf(instance, id);
}

/** Removes an organization; its memberships and API keys end. */
export function removeOrganization(instance: Instance, id: string): void {
  instance.organizations.delete(id);
  for (const user of instance.users.values()) {
    user.organizationIds = user.organizationIds.filter((organizationId) => organizationId !== id);
  }
  revokeApiKeysOf(instance, id);
}

/** Removes a machine; its API keys die. */
export function removeMachine(instance: Instance, id: string): void {
  instance.machines.delete(id);
  revokeApiKeysOf(instance, id);
}

/** Removes an OAuth application; what was granted to it is revoked. */
export function removeApplication(instance: Instance, application: EmulatedApplication): void {
  instance.applications.delete(application.clientId);
  revokeGrants(instance, { application });
}

/** The user's full name; `null` when no part of it is known. */
export function fullName({ firstName, lastName }: EmulatedUser): string | null {
  return [firstName, lastName].filter((part) => part !== null).join(" ") || null;
}

/** The user with an email address, in any case of letters. */
export function findUserByEmail(instance: Instance, email: string): EmulatedUser | undefined {
  const wanted = email.trim().toLowerCase();
  return [...instance.users.values()].find((user) =>
    [user.email, ...user.otherEmails].some((address) => address?.toLowerCase() === wanted)
  );
}

function slugify(name: string): string {
  return name.toLowerCase().split(/[^a-z0-9]+/).filter((part) => part !== "").join("-");
}

function revokeApiKeysOf({ apiKeys }: Instance, subject: string): void {
  for (const apiKey of apiKeys.values()) if (apiKey.subject === subject) apiKey.revoked = true;
}
