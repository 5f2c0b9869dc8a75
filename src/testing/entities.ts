/** A user of the emulated instance. You can change its fields at any time. */
export interface EmulatedUser {
  /** `user_…` */
  readonly id: string;
  /** The primary email address, used to sign in; `null` for a user who cannot sign in. */
  email: string | null;
  /** Whether the primary email address is verified. */
  emailVerified: boolean;
  /** Email addresses besides the primary one. */
  otherEmails: string[];
  /** The given name. */
  firstName: string | null;
  /** The family name. */
  lastName: string | null;
  /** The user name. */
  username: string | null;
  /** The URL of a picture. */
  imageUrl: string;
  /** Metadata that the backend writes and everyone may read. */
  publicMetadata: Record<string, unknown>;
  /** Metadata that only the backend reads and writes. */
  privateMetadata: Record<string, unknown>;
  /** Metadata that the user may write. */
  unsafeMetadata: Record<string, unknown>;
  /** The IDs of the user's organizations. */
  organizationIds: string[];
  /** The user's ID in another system. */
  externalId: string | null;
  /** When the user was created, in Unix milliseconds. */
  readonly createdAt: number;
  /** When the user was last changed through the Backend API, in Unix milliseconds. */
  updatedAt: number;
}

/** An organization of the emulated instance. */
export interface EmulatedOrganization {
  /** `org_…` */
  readonly id: string;
  /** The name. */
  name: string;
  /** The slug. */
  slug: string;
  /** Metadata that the backend writes and everyone may read. */
  publicMetadata: Record<string, unknown>;
  /** Metadata that only the backend reads and writes. */
  privateMetadata: Record<string, unknown>;
  /** The user who created it, if any. */
  readonly createdBy: string | null;
  /** The maximum number of members; 0 for no limit. */
  maxAllowedMemberships: number;
  /** Whether its administrators may delete it. */
  adminDeleteEnabled: boolean;
  /** When the organization was created, in Unix milliseconds. */
  readonly createdAt: number;
  /** When the organization was last changed through the Backend API, in Unix milliseconds. */
  updatedAt: number;
}

/** An OAuth application of the emulated instance: an OAuth client (RFC 6749, section 2). */
export interface EmulatedApplication {
  /** `oa_…`, its ID in the Backend API. */
  readonly id: string;
  /** The client ID. */
  readonly clientId: string;
  /** The client secret; `null` for a public client. */
  clientSecret: string | null;
  /** The name on the consent page. */
  name: string;
  /** The URL of its home page. */
  clientUri: string | null;
  /** The URL of its logo. */
  imageUrl: string | null;
  /** The redirect URIs. `http://127.0.0.1/callback` matches any port (RFC 8252, section 7.3). */
  redirectUris: string[];
  /** Whether PKCE is required, as it always is for a public client. */
  pkceRequired: boolean;
  /**
   * The scopes that may be requested. Names that Clerk does not define are custom scopes. If you remove one,
   * refreshes of grants that include it fail with `invalid_scope` until you add it again.
   */
  scopes: string[];
  /** Whether users see a consent page. The verification page of the device grant always asks. */
  consentScreenEnabled: boolean;
  /** Whether the application may use the device grant (RFC 8628). */
  deviceGrantEnabled: boolean;
  /** Whether the application registered itself (RFC 7591). */
  readonly dynamicallyRegistered: boolean;
  /** When the application was created, in Unix milliseconds. */
  readonly createdAt: number;
  /** When the application was last changed through the Backend API, in Unix milliseconds. */
  updatedAt: number;
}

/** The options of {@linkcode Emulator.createUser}. */
export interface CreateUserOptions {
  /**
   * The primary email address, or `null` for none.
   * @default a fresh address at example.com
   */
  email?: string | null;
  /**
   * Whether the primary email address is verified.
   * @default true
   */
  emailVerified?: boolean;
  /** Email addresses besides the primary one. */
  otherEmails?: readonly string[];
  /** The given name. */
  firstName?: string | null;
  /** The family name. */
  lastName?: string | null;
  /** The user name. */
  username?: string | null;
  /** The URL of a picture. */
  imageUrl?: string;
  /** Metadata that the backend writes and everyone may read. */
  publicMetadata?: Record<string, unknown>;
  /** Metadata that only the backend reads and writes. */
  privateMetadata?: Record<string, unknown>;
  /** Metadata that the user may write. */
  unsafeMetadata?: Record<string, unknown>;
  /** The user's ID in another system. */
  externalId?: string | null;
  /** The user's organizations. */
  organizations?: readonly EmulatedOrganization[];
}

/** The options of {@linkcode Emulator.createOrganization}. */
export interface CreateOrganizationOptions {
  /** The name. */
  name: string;
  /**
   * The slug.
   * @default the name in lower case, with hyphens
   */
  slug?: string;
  /** Metadata that the backend writes and everyone may read. */
  publicMetadata?: Record<string, unknown>;
  /** Metadata that only the backend reads and writes. */
  privateMetadata?: Record<string, unknown>;
  /** The ID of the user who creates it. */
  createdBy?: string;
  /**
   * The maximum number of members; 0 for no limit.
   * @default 5
   */
  maxAllowedMemberships?: number;
}

/** The options of {@linkcode Emulator.createApplication}. */
export interface CreateApplicationOptions {
  /**
   * The client ID.
   * @default 16 random letters and digits
   */
  clientId?: string;
  /**
   * The name on the consent page.
   * @default "Test application"
   */
  name?: string;
  /**
   * The redirect URIs.
   * @default ["http://127.0.0.1/callback"]
   */
  redirectUris?: readonly string[];
  /**
   * Whether the client is public: it has no secret and must use PKCE.
   * @default true
   */
  public?: boolean;
  /**
   * Whether a confidential client must use PKCE.
   * @default true
   */
  pkceRequired?: boolean;
  /**
   * The scopes that may be requested.
   * @default all of Clerk's scopes
   */
  scopes?: readonly string[];
  /**
   * Whether users see a consent page.
   * @default true
   */
  consentScreenEnabled?: boolean;
  /**
   * Whether the application may use the device grant (RFC 8628). The Backend API creates applications without it.
   * @default true
   */
  deviceGrantEnabled?: boolean;
  /** The URL of its home page. */
  clientUri?: string | null;
  /** The URL of its logo. */
  imageUrl?: string | null;
}

/** A machine of the emulated instance. */
export interface EmulatedMachine {
  /** `mch_…` */
  readonly id: string;
  /** The name. */
  name: string;
  /** The secret key of the machine. */
  readonly secretKey: string;
  /** The IDs of the machines that it may call. */
  scopedMachineIds: string[];
  /** The default lifetime of its tokens, in seconds. */
  defaultTokenTtl: number;
  /** When the machine was created, in Unix milliseconds. */
  readonly createdAt: number;
  /** When the machine was last changed through the Backend API, in Unix milliseconds. */
  updatedAt: number;
}

/** An API key of the emulated instance. You can change its fields at any time. */
export interface EmulatedApiKey {
  /** `ak_` and 32 hexadecimal digits; not the secret. */
  readonly id: string;
  /** The secret, `ak_…`, sent as a bearer token. */
  readonly secret: string;
  /** The owner: `user_…`, `org_…`, `mch_…` or `scim_…`. */
  subject: string;
  /** The name. */
  name: string;
  /** The description. */
  description: string | null;
  /** Custom claims. */
  claims: Record<string, unknown> | null;
  /** The scopes. */
  scopes: string[];
  /** Whether the key is revoked. */
  revoked: boolean;
  /** Why the key was revoked. */
  revocationReason: string | null;
  /** When the key expires, in Unix milliseconds; `null` for never. */
  expiration: number | null;
  /** The user who created the key. */
  readonly createdBy: string | null;
  /** When the key was last verified, in Unix milliseconds. */
  lastUsedAt: number | null;
  /** When the key was created, in Unix milliseconds. */
  readonly createdAt: number;
  /** When the key was last changed, in Unix milliseconds. */
  updatedAt: number;
}

/** The options of {@linkcode Emulator.createMachine}. */
export interface CreateMachineOptions {
  /**
   * The name.
   * @default "Test machine"
   */
  name?: string;
  /** The machines that it may call. */
  scopedMachineIds?: readonly string[];
  /**
   * The default lifetime of its tokens, in seconds.
   * @default 3600
   */
  defaultTokenTtl?: number;
}

/** The options of {@linkcode Emulator.createApiKey}. */
export interface CreateApiKeyOptions {
  /**
   * The owner: a user, an organization, a machine, or an ID.
   * @default the default user
   */
  subject?: EmulatedUser | EmulatedOrganization | EmulatedMachine | string;
  /**
   * The name.
   * @default "Test key"
   */
  name?: string;
  /** The description. */
  description?: string | null;
  /** Custom claims. */
  claims?: Record<string, unknown> | null;
  /** The scopes. */
  scopes?: readonly string[];
  /** The ID of the user who creates it. */
  createdBy?: string | null;
  /** The lifetime, in seconds; `null` for no expiry. */
  secondsUntilExpiration?: number | null;
}
