/** A user of the emulated instance. Its fields may be changed at any time. */
export interface EmulatedUser {
  /** `user_…` */
  readonly id: string;
  /** The primary email address, used to sign in; `null` for a user who cannot sign in. */
  email: string | null;
  /** Whether the primary address was verified. */
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
  /** The identifiers of the organizations that the user is a member of. */
  organizationIds: string[];
  /** The identifier of the user in another system. */
  externalId: string | null;
  /** When the user was created, Unix time in milliseconds. */
  readonly createdAt: number;
  /** When the user was last changed through the Backend API, Unix time in milliseconds. */
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
  /** How many members it may have; 0 for any number. */
  maxAllowedMemberships: number;
  /** Whether its administrators may delete it. */
  adminDeleteEnabled: boolean;
  /** When the organization was created, Unix time in milliseconds. */
  readonly createdAt: number;
  /** When the organization was last changed through the Backend API, Unix time in milliseconds. */
  updatedAt: number;
}

/** An OAuth application of the emulated instance: an OAuth client (RFC 6749, section 2). */
export interface EmulatedApplication {
  /** `oa_…`, its id in the Backend API. */
  readonly id: string;
  /** The client identifier. */
  readonly clientId: string;
  /** The client secret; `null` for a public client. */
  clientSecret: string | null;
  /** The name that the consent page shows. */
  name: string;
  /** The URL of its home page. */
  clientUri: string | null;
  /** The URL of its logo. */
  imageUrl: string | null;
  /** The redirect URIs. `http://127.0.0.1/callback` stands for that path on any port (RFC 8252, section 7.3). */
  redirectUris: string[];
  /** Whether PKCE is required; for a public client it always is. */
  pkceRequired: boolean;
  /**
   * The scopes that may be requested; names that Clerk does not have are custom scopes. If one of them is removed, a refresh
   * of a grant that has it fails with `invalid_scope`, until it is back.
   */
  scopes: string[];
  /** Whether users are asked for their consent. The verification page of the device grant always asks. */
  consentScreenEnabled: boolean;
  /** Whether the application may use the device grant (RFC 8628). */
  deviceGrantEnabled: boolean;
  /** Whether the application has registered itself (RFC 7591). */
  readonly dynamicallyRegistered: boolean;
  /** When the application was created, Unix time in milliseconds. */
  readonly createdAt: number;
  /** When the application was last changed through the Backend API, Unix time in milliseconds. */
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
   * Whether the primary address was verified.
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
  /** The identifier of the user in another system. */
  externalId?: string | null;
  /** The organizations that the user is a member of. */
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
  /** The user who creates it. */
  createdBy?: string;
  /**
   * How many members it may have; 0 for any number.
   * @default 5
   */
  maxAllowedMemberships?: number;
}

/** The options of {@linkcode Emulator.createApplication}. */
export interface CreateApplicationOptions {
  /**
   * The client identifier.
   * @default 16 random letters and digits
   */
  clientId?: string;
  /**
   * The name that the consent page shows.
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
   * @default all scopes that Clerk has
   */
  scopes?: readonly string[];
  /**
   * Whether users are asked for their consent.
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
  /** The identifiers of the machines that it may call. */
  scopedMachineIds: string[];
  /** The default lifetime of its tokens in seconds. */
  defaultTokenTtl: number;
  /** When the machine was created, Unix time in milliseconds. */
  readonly createdAt: number;
  /** When the machine was last changed through the Backend API, Unix time in milliseconds. */
  updatedAt: number;
}

/** An API key of the emulated instance. Its fields may be changed at any time. */
export interface EmulatedApiKey {
  /** `ak_` and 32 hexadecimal digits; not the secret. */
  readonly id: string;
  /** The secret, sent as a bearer token: `ak_…`. */
  readonly secret: string;
  /** Who it belongs to: `user_…`, `org_…`, `mch_…` or `scim_…`. */
  subject: string;
  /** The name. */
  name: string;
  /** The description. */
  description: string | null;
  /** Custom claims. */
  claims: Record<string, unknown> | null;
  /** The scopes. */
  scopes: string[];
  /** Whether it was revoked. */
  revoked: boolean;
  /** Why it was revoked. */
  revocationReason: string | null;
  /** When it expires, Unix time in milliseconds; `null` for never. */
  expiration: number | null;
  /** The user who created it. */
  readonly createdBy: string | null;
  /** When it was last verified, Unix time in milliseconds. */
  lastUsedAt: number | null;
  /** When it was created, Unix time in milliseconds. */
  readonly createdAt: number;
  /** When it was last changed, Unix time in milliseconds. */
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
   * The default lifetime of its tokens in seconds.
   * @default 3600
   */
  defaultTokenTtl?: number;
}

/** The options of {@linkcode Emulator.createApiKey}. */
export interface CreateApiKeyOptions {
  /**
   * Who it belongs to: a user, an organization, a machine, or an identifier.
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
  /** The user who creates it. */
  createdBy?: string | null;
  /** The lifetime in seconds; `null` for no expiry. */
  secondsUntilExpiration?: number | null;
}
