import { encodeBase64Url } from "../core/encoding.ts";
import { DEFAULT_BEHAVIOR, type EmulatorBehavior } from "./behavior.ts";
import type {
  CreateApiKeyOptions,
  CreateApplicationOptions,
  CreateMachineOptions,
  CreateOrganizationOptions,
  CreateUserOptions,
  EmulatedApiKey,
  EmulatedApplication,
  EmulatedMachine,
  EmulatedOrganization,
  EmulatedUser,
} from "./entities.ts";
import {
  type AccessToken,
  type AuthorizationCode,
  type Consent,
  type DeviceAuthorization,
  type Grant,
  type Interaction,
  type RefreshToken,
  type Session,
  STANDARD_SCOPES,
} from "./issuer/state.ts";

export function addUser(instance: Instance, options: CreateUserOptions = {}): EmulatedUser {
  const now = instance.now();
  const number = nextNumber(instance, "user");
  const user: EmulatedUser = {
    id: stableIdentifier("user", number),
    email: options.email === undefined ? `user${number}@example.com` : options.email,
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
    externalId: options.externalId ?? null,
    createdAt: now,
    updatedAt: now,
  };
  instance.users.set(user.id, user);
  return user;
}

export function addOrganization(
  instance: Instance,
  options: CreateOrganizationOptions,
): EmulatedOrganization {
  const { name, slug = slugify(name), publicMetadata = {}, privateMetadata = {}, createdBy = null } = options;
  const now = instance.now();
  const organization: EmulatedOrganization = {
    id: stableIdentifier("org", nextNumber(instance, "org")),
    name,
    slug,
    publicMetadata,
    privateMetadata,
    createdBy,
    maxAllowedMemberships: options.maxAllowedMemberships ?? 5,
    adminDeleteEnabled: true,
    createdAt: now,
    updatedAt: now,
  };
  instance.organizations.set(organization.id, organization);
  return organization;
}

export function addApplication(
  instance: Instance,
  options: CreateApplicationOptions & { dynamicallyRegistered?: boolean } = {},
): EmulatedApplication {
  const isPublic = options.public ?? true;
  const now = instance.now();
  const number = nextNumber(instance, "oa");
  const application: EmulatedApplication = {
    id: stableIdentifier("oa", number),
    clientId: options.clientId ?? `emulator${String(number).padStart(8, "0")}`,
    clientSecret: isPublic ? null : createClientSecret(),
    name: options.name ?? "Test application",
    clientUri: options.clientUri ?? null,
    imageUrl: options.imageUrl ?? null,
    redirectUris: [...options.redirectUris ?? ["http://127.0.0.1/callback"]],
    pkceRequired: isPublic || (options.pkceRequired ?? true),
    scopes: [...options.scopes ?? STANDARD_SCOPES],
    consentScreenEnabled: options.consentScreenEnabled ?? true,
    deviceGrantEnabled: options.deviceGrantEnabled ?? true,
    dynamicallyRegistered: options.dynamicallyRegistered ?? false,
    createdAt: now,
    updatedAt: now,
  };
  instance.applications.set(application.clientId, application);
  return application;
}

export function createClientSecret(): string {
  return randomText(32);
}

export function addMachine(instance: Instance, options: CreateMachineOptions = {}): EmulatedMachine {
  const { name = "Test machine", scopedMachineIds = [], defaultTokenTtl = 3600 } = options;
  const now = instance.now();
  const machine: EmulatedMachine = {
    id: stableIdentifier("mch", nextNumber(instance, "mch")),
    name,
    secretKey: `ak_${randomText(40)}`,
    scopedMachineIds: [...scopedMachineIds],
    defaultTokenTtl,
    createdAt: now,
    updatedAt: now,
  };
  instance.machines.set(machine.id, machine);
  return machine;
}

export function addApiKey(
  instance: Instance,
  { subject, ...options }: CreateApiKeyOptions & Required<Pick<CreateApiKeyOptions, "subject">>,
): EmulatedApiKey {
  const now = instance.now();
  const { secondsUntilExpiration = null } = options;
  const apiKey: EmulatedApiKey = {
    id: `ak_${nextNumber(instance, "ak").toString(16).padStart(32, "0")}`,
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

/** Removes a user, whose tokens and API keys then die. */
export function removeUser(instance: Instance, id: string): void {
  instance.users.delete(id);
  revokeApiKeysOf(instance, id);
}

/** Removes an organization, its memberships and its API keys. */
export function removeOrganization(instance: Instance, id: string): void {
  instance.organizations.delete(id);
  for (const user of instance.users.values()) {
    user.organizationIds = user.organizationIds.filter((organizationId) => organizationId !== id);
  }
  revokeApiKeysOf(instance, id);
}

/** Removes a machine, whose API keys then die. */
export function removeMachine(instance: Instance, id: string): void {
  instance.machines.delete(id);
  revokeApiKeysOf(instance, id);
}

/** Removes an OAuth application and revokes its grants. */
export function removeApplication(instance: Instance, application: EmulatedApplication): void {
  instance.applications.delete(application.clientId);
  revokeGrants(instance, { application });
}

/** Returns the user's full name; `null` if no part of it is known. */
export function fullName({ firstName, lastName }: EmulatedUser): string | null {
  return [firstName, lastName].filter((part) => part !== null).join(" ") || null;
}

/** Finds a user by email address, ignoring case. */
export function findUserByEmail(instance: Instance, email: string): EmulatedUser | undefined {
  const wanted = email.trim().toLowerCase();
  return [...instance.users.values()].find((user) =>
    [user.email, ...user.otherEmails].some((address) => address?.toLowerCase() === wanted)
  );
}

/** Converts a name to lower case with hyphens. */
export function slugify(name: string): string {
  return name.toLowerCase().split(/[^a-z0-9]+/).filter((part) => part !== "").join("-");
}

function revokeApiKeysOf({ apiKeys }: Instance, subject: string): void {
  for (const apiKey of apiKeys.values()) if (apiKey.subject === subject) apiKey.revoked = true;
}

/** Selects grants; without a field, all of them. */
export interface GrantFilter {
  /** The user who gave the grant. */
  user?: EmulatedUser;
  /** The application that received the grant. */
  application?: EmulatedApplication;
}

/** Revokes grants and returns how many. */
export function revokeGrants({ grants }: Instance, { user, application }: GrantFilter): number {
  const matching = [...grants].filter(({ userId, clientId, revoked }) =>
    !revoked && userId === (user?.id ?? userId) && clientId === (application?.clientId ?? clientId)
  );
  for (const grant of matching) grant.revoked = true;
  return matching.length;
}

export function expireAccessTokens({ accessTokens, now }: Instance): void {
  for (const accessToken of accessTokens.values()) accessToken.expiresAt = now();
}

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Counts what an instance has created of one kind, even if removed since. */
function nextNumber({ counts }: Instance, prefix: string): number {
  const number = (counts.get(prefix) ?? 0) + 1;
  counts.set(prefix, number);
  return number;
}

/** Returns an ID in Clerk's format that is the same at every start, so that stored references to a user stay valid. */
function stableIdentifier(prefix: string, number: number): string {
  return `${prefix}_emulator${String(number).padStart(19, "0")}`;
}

/** Returns a random ID in Clerk's format: a prefix, an underscore and 27 letters or digits. */
export function randomIdentifier(prefix: string): string {
  return `${prefix}_${randomText(27)}`;
}

/** Returns a random ID of an access token: a prefix, an underscore and 32 hexadecimal digits. */
export function randomHexIdentifier(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `${prefix}_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Returns random letters and digits. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    // Bytes above the last multiple of 62 would make some characters more likely.
    if (byte < 248) text += BASE62[byte % 62];
  }
  return text;
}

/** The state of one emulated Clerk instance, in memory. */
export interface Instance {
  /** The instance ID, `ins_…`, also the `kid` of its key. */
  readonly id: string;
  readonly secretKey: string;
  readonly behavior: EmulatorBehavior;
  readonly settings: InstanceSettings;
  /** How many of each kind were created, by the prefix of their IDs. */
  readonly counts: Map<string, number>;
  /** The current Unix time in milliseconds. */
  now(): number;
  /** The key, generated when it is first needed. */
  signingKey(): Promise<SigningKey>;
  readonly users: Map<string, EmulatedUser>;
  readonly organizations: Map<string, EmulatedOrganization>;
  /** Details of memberships, by user and organization. */
  readonly memberships: Map<string, Membership>;
  readonly machines: Map<string, EmulatedMachine>;
  readonly apiKeys: Map<string, EmulatedApiKey>;
  /** By client ID. */
  readonly applications: Map<string, EmulatedApplication>;
  readonly sessions: Map<string, Session>;
  readonly interactions: Map<string, Interaction>;
  /** By user, application and scopes. */
  readonly consents: Map<string, Consent>;
  readonly grants: Set<Grant>;
  /** By the code. */
  readonly codes: Map<string, AuthorizationCode>;
  /** By the device code. */
  readonly deviceAuthorizations: Map<string, DeviceAuthorization>;
  /** By the token. */
  readonly accessTokens: Map<string, AccessToken>;
  /** By the token. */
  readonly refreshTokens: Map<string, RefreshToken>;
}

/** Details of a user's membership in an organization. */
export interface Membership {
  readonly id: string;
  role: string;
  publicMetadata: Record<string, unknown>;
  privateMetadata: Record<string, unknown>;
  readonly createdAt: number;
}

/**
 * Settings for client ID metadata documents. The emulator stores them and advertises the first, but fetches
 * no documents.
 */
export const CLIENT_METADATA_SETTINGS = [
  "client_id_metadata_documents_advertised",
  "client_id_metadata_documents_only_allow_pre_registered_clients",
  "client_id_metadata_documents_block_implicitly_allowed_clients",
] as const;

/** The settings of an instance that only the Backend API changes. */
interface InstanceSettings {
  /** The scopes of a request that names none; `null` for Clerk's defaults. */
  defaultScopes: readonly string[] | null;
  readonly clientMetadata: Record<typeof CLIENT_METADATA_SETTINGS[number], boolean>;
}

interface InstanceOptions {
  behavior: Partial<EmulatorBehavior>;
  keyPairOwner: KeyPairOwner;
  now: () => number;
}

export function createInstance({ behavior, keyPairOwner, now }: InstanceOptions): Instance {
  const id = randomIdentifier("ins");
  let signingKey: Promise<SigningKey> | undefined;
  return {
    id,
    secretKey: `sk_test_${randomText(40)}`,
    behavior: { ...DEFAULT_BEHAVIOR, ...behavior },
    settings: {
      defaultScopes: null,
      clientMetadata: {
        client_id_metadata_documents_advertised: false,
        client_id_metadata_documents_only_allow_pre_registered_clients: false,
        client_id_metadata_documents_block_implicitly_allowed_clients: false,
      },
    },
    counts: new Map(),
    now,
    signingKey: () => signingKey ??= createSigningKey(id, keyPairOwner),
    users: new Map(),
    organizations: new Map(),
    memberships: new Map(),
    machines: new Map(),
    apiKeys: new Map(),
    applications: new Map(),
    sessions: new Map(),
    interactions: new Map(),
    consents: new Map(),
    grants: new Set(),
    codes: new Map(),
    deviceAuthorizations: new Map(),
    accessTokens: new Map(),
    refreshTokens: new Map(),
  };
}

/** What every instance starts with, so that demos need no preparation. */
interface Seed {
  user: EmulatedUser;
  organization: EmulatedOrganization;
  application: EmulatedApplication;
}

/** Adds a user, the user's organization and a public OAuth application. */
export function seed(instance: Instance): Seed {
  const organization = addOrganization(instance, { name: "Analytical Engines" });
  const user = addUser(instance, {
    email: "ada@example.com",
    firstName: "Ada",
    lastName: "Lovelace",
    username: "ada",
    organizations: [organization],
  });
  const application = addApplication(instance, { clientId: "emulator-cli", name: "Example CLI" });
  return { user, organization, application };
}

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

interface SigningKey {
  /** The public key as a JSON Web Key (RFC 7517) with its `kid`. */
  readonly publicJwk: Record<string, unknown>;
  /** Signs a JWT (RFC 7519) with RS256. `alg` and `kid` are added to the header. */
  sign(claims: Record<string, unknown>, header: Record<string, unknown>): Promise<string>;
}

/** Whose key pair an instance signs with: one shared by the process, or its own. */
type KeyPairOwner = "process" | "instance";

let sharedPair: Promise<CryptoKeyPair> | undefined;

/**
 * Creates a signing key. An RSA key pair takes longer to generate than everything else, so that instances
 * share one by default.
 */
export async function createSigningKey(kid: string, owner: KeyPairOwner = "process"): Promise<SigningKey> {
  const { privateKey, publicKey } =
    await (owner === "process" ? sharedPair ??= generatePair() : generatePair());
  const { n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  return {
    publicJwk: { kty: "RSA", use: "sig", alg: "RS256", kid, n, e },
    async sign(claims, header) {
      const input = `${encodeJson({ alg: "RS256", kid, ...header })}.${encodeJson(claims)}`;
      const signature = await crypto.subtle.sign(ALGORITHM.name, privateKey, new TextEncoder().encode(input));
      return `${input}.${encodeBase64Url(new Uint8Array(signature))}`;
    },
  };
}

function generatePair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function encodeJson(value: Record<string, unknown>): string {
  return encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
}
