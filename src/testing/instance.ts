import { DEFAULT_BEHAVIOR, type EmulatorBehavior } from "./behavior.ts";
import type { EmulatedApplication, EmulatedOrganization, EmulatedUser } from "./entities.ts";
import type { AccessToken, AuthorizationCode, Grant, RefreshToken } from "./grants.ts";
import { randomIdentifier, randomText } from "./identifiers.ts";
import type { Consent } from "./issuer/consents.ts";
import type { Interaction } from "./issuer/interaction.ts";
import type { Session } from "./issuer/sessions.ts";
import type { EmulatedApiKey, EmulatedMachine } from "./machine_entities.ts";
import { createSigningKey, type KeyPairOwner, type SigningKey } from "./signing_key.ts";

/** One emulated Clerk instance: all its state, in memory. */
export interface Instance {
  /** `ins_…`, also the `kid` of its key. */
  readonly id: string;
  readonly secretKey: string;
  readonly behavior: EmulatorBehavior;
  /** The current Unix time in milliseconds. */
  now(): number;
  /** The key, made when it is first needed. */
  signingKey(): Promise<SigningKey>;
  readonly users: Map<string, EmulatedUser>;
  readonly organizations: Map<string, EmulatedOrganization>;
  readonly machines: Map<string, EmulatedMachine>;
  readonly apiKeys: Map<string, EmulatedApiKey>;
  /** By client identifier. */
  readonly applications: Map<string, EmulatedApplication>;
  readonly sessions: Map<string, Session>;
  readonly interactions: Map<string, Interaction>;
  /** By what they are for. */
  readonly consents: Map<string, Consent>;
  readonly grants: Set<Grant>;
  /** By the code. */
  readonly codes: Map<string, AuthorizationCode>;
  /** By the token. */
  readonly accessTokens: Map<string, AccessToken>;
  /** By the token. */
  readonly refreshTokens: Map<string, RefreshToken>;
}

/** What an instance is created with. */
export interface InstanceOptions {
  behavior: Partial<EmulatorBehavior>;
  keyPairOwner: KeyPairOwner;
  now: () => number;
}

/** Creates an empty instance. */
export function createInstance({ behavior, keyPairOwner, now }: InstanceOptions): Instance {
  const id = randomIdentifier("ins");
  let signingKey: Promise<SigningKey> | undefined;
  return {
    id,
    secretKey: `sk_test_${randomText(40)}`,
    behavior: { ...DEFAULT_BEHAVIOR, ...behavior },
    now,
    signingKey: () => signingKey ??= createSigningKey(id, keyPairOwner),
    users: new Map(),
    organizations: new Map(),
    machines: new Map(),
    apiKeys: new Map(),
    applications: new Map(),
    sessions: new Map(),
    interactions: new Map(),
    consents: new Map(),
    grants: new Set(),
    codes: new Map(),
    accessTokens: new Map(),
    refreshTokens: new Map(),
  };
}
