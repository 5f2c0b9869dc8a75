import type { EmulatedOrganization, EmulatedUser } from "./entities.ts";

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
}

/** An API key of the emulated instance. Its fields may be changed at any time. */
export interface EmulatedApiKey {
  /** `ak_` and 32 hexadecimal digits; not the secret. */
  readonly id: string;
  /** The secret that is sent as a bearer token: `ak_…`. */
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
  /** When it was changed last, Unix time in milliseconds. */
  updatedAt: number;
}

/** What {@linkcode Emulator.createMachine} takes. */
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

/** What {@linkcode Emulator.createApiKey} takes. */
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
  /** The lifetime in seconds; `null` for ever. */
  secondsUntilExpiration?: number | null;
}
