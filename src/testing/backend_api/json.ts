import { type JsonObject, parseJsonObject } from "../../core/encoding.ts";
import type { EmulatedApiKey, EmulatedUser } from "../entities.ts";
import { ClerkProblem, type IncomingRequest, json } from "../http.ts";
import type { Instance } from "../instance.ts";

/** Formats an API key as the Backend API does, without its secret. */
export function apiKeyJson(apiKey: EmulatedApiKey, instance: Instance): Record<string, unknown> {
  return {
    object: "api_key",
    id: apiKey.id,
    type: "api_key",
    subject: apiKey.subject,
    name: apiKey.name,
    description: apiKey.description,
    claims: apiKey.claims,
    scopes: apiKey.scopes,
    revoked: apiKey.revoked,
    revocation_reason: apiKey.revocationReason,
    expired: isExpired(apiKey, instance),
    expiration: apiKey.expiration,
    created_by: apiKey.createdBy,
    last_used_at: apiKey.lastUsedAt,
    created_at: apiKey.createdAt,
    updated_at: apiKey.updatedAt,
  };
}

export function isExpired({ expiration }: EmulatedApiKey, instance: Instance): boolean {
  return expiration !== null && expiration <= instance.now();
}

/** The error statuses, which differ between Clerk's endpoints. */
interface RefusalStatuses {
  /**
   * If the body is not a JSON object.
   * @default 400
   */
  malformed?: 400 | 422;
  /**
   * If a parameter is missing or invalid.
   * @default 422
   */
  invalid?: 400 | 422;
}

/**
 * The parameters of a request to the Backend API.
 *
 * @throws {ClerkProblem} if the body is not a JSON object. Every method throws if a parameter has the wrong
 * type.
 */
export class JsonBody {
  readonly #parameters: JsonObject;
  readonly #invalid: number;

  constructor({ body }: IncomingRequest, { malformed = 400, invalid = 422 }: RefusalStatuses = {}) {
    const parameters = parseJsonObject(body === "" ? "{}" : body);
    if (!parameters) {
      throw new ClerkProblem(malformed, "request_body_invalid", "The request body is not a JSON object");
    }
    this.#parameters = parameters;
    this.#invalid = invalid;
  }

  /** Reads a required string, optionally matching a pattern. */
  requiredText(name: string, pattern?: RegExp): string {
    const text = this.text(name) && this.text(name, pattern);
    if (text) return text;
    throw new ClerkProblem(this.#invalid, "form_param_missing", `The parameter ${name} is missing`);
  }

  /** Reads a string, optionally matching a pattern. */
  text(name: string, pattern?: RegExp): string | undefined {
    return this.#read(
      name,
      (value) => typeof value === "string" && (pattern?.test(value) ?? true) ? value : undefined,
    );
  }

  /** Reads a number, at least `min`. */
  number(name: string, min: number): number | undefined {
    return this.#read(name, (value) => typeof value === "number" && value >= min ? value : undefined);
  }

  boolean(name: string): boolean | undefined {
    return this.#read(name, (value) => typeof value === "boolean" ? value : undefined);
  }

  texts(name: string): string[] | undefined {
    return this.#read(name, (value) => Array.isArray(value) && value.every(isText) ? value : undefined);
  }

  object(name: string): JsonObject | undefined {
    return this.#read(
      name,
      (value) => typeof value === "object" && !Array.isArray(value) ? value as JsonObject : undefined,
    );
  }

  /** Reports whether a parameter was sent, even as `null`. */
  has(name: string): boolean {
    return Object.hasOwn(this.#parameters, name);
  }

  #read<Value>(name: string, narrow: (value: unknown) => Value | undefined): Value | undefined {
    const value = this.has(name) ? this.#parameters[name] ?? undefined : undefined;
    if (value === undefined) return undefined;
    const narrowed = narrow(value);
    if (narrowed !== undefined) return narrowed;
    throw new ClerkProblem(this.#invalid, "form_param_format_invalid", `The parameter ${name} is invalid`);
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

const DEFAULT_LIMIT = 10;

/** How an endpoint limits its lists. */
interface PageLimits {
  /**
   * The largest `limit`.
   * @default 500
   */
  maxLimit?: number;
  /**
   * The status for an invalid `limit` or `offset`.
   * @default 422
   */
  invalid?: 400 | 403 | 422;
}

/** Returns the part of a list selected by `limit` and `offset`, newest first. */
export function slicePage<Item>(
  items: readonly Item[],
  query: URLSearchParams,
  { maxLimit = 500, invalid = 422 }: PageLimits = {},
): Item[] {
  const limit = readCount("limit", { fallback: DEFAULT_LIMIT, min: 1, max: maxLimit });
  const offset = readCount("offset", { fallback: 0, min: 0, max: Infinity });
  return [...items].reverse().slice(offset, offset + limit);

  function readCount(name: string, { fallback, min, max }: { fallback: number; min: number; max: number }) {
    const count = Number(query.get(name) ?? fallback);
    if (Number.isInteger(count) && count >= min && count <= max) return count;
    throw new ClerkProblem(
      invalid,
      "form_param_format_invalid",
      `The parameter ${name} must be a whole number from ${min} to ${max}`,
    );
  }
}

/** Responds with that part and the length of the whole list. */
export function listPage(items: readonly unknown[], query: URLSearchParams, limits?: PageLimits): Response {
  return json({ data: slicePage(items, query, limits), total_count: items.length });
}

/** Reports whether a repeatable query parameter includes one of the values, or is missing. */
export function isWanted(
  query: URLSearchParams,
  { parameter, values }: { parameter: string; values: readonly (string | null)[] },
): boolean {
  const wanted = query.getAll(parameter);
  return wanted.length === 0 || values.some((value) => value !== null && wanted.includes(value));
}

/** Reports whether a value contains the query parameter, ignoring case, or the parameter is missing. */
export function isLike(
  query: URLSearchParams,
  { parameter, values }: { parameter: string; values: readonly (string | null)[] },
): boolean {
  const text = query.get(parameter)?.toLowerCase() ?? "";
  return text === "" || values.some((value) => value?.toLowerCase().includes(text));
}

/** Returns the error for something that does not exist. */
export function missingResource(what: string): ClerkProblem {
  return new ClerkProblem(404, "resource_not_found", `${what} not found`);
}

/** Formats a user as the Backend API does. */
export function userJson(user: EmulatedUser): Record<string, unknown> {
  const emails = user.email === null ? user.otherEmails : [user.email, ...user.otherEmails];
  return {
    object: "user",
    id: user.id,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    image_url: user.imageUrl,
    has_image: true,
    primary_email_address_id: user.email === null ? null : emailAddressId(user, 0),
    primary_phone_number_id: null,
    primary_web3_wallet_id: null,
    email_addresses: emails.map((address, index) => emailAddressJson(user, { address, index })),
    phone_numbers: [],
    web3_wallets: [],
    passkeys: [],
    external_accounts: [],
    saml_accounts: [],
    enterprise_accounts: [],
    public_metadata: user.publicMetadata,
    private_metadata: user.privateMetadata,
    unsafe_metadata: user.unsafeMetadata,
    external_id: user.externalId,
    password_enabled: false,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    mfa_enabled_at: null,
    mfa_disabled_at: null,
    banned: false,
    locked: false,
    lockout_expires_in_seconds: null,
    verification_attempts_remaining: null,
    create_organization_enabled: true,
    delete_self_enabled: true,
    last_sign_in_at: null,
    last_active_at: null,
    legal_accepted_at: null,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  };
}

function emailAddressJson(
  user: EmulatedUser,
  { address, index }: { address: string; index: number },
): Record<string, unknown> {
  const isVerified = index > 0 || user.emailVerified;
  return {
    object: "email_address",
    id: emailAddressId(user, index),
    email_address: address,
    reserved: false,
    verification: isVerified
      ? { ...VERIFICATION, object: "verification_admin", status: "verified", strategy: "admin" }
      : { ...VERIFICATION, object: "verification_otp", status: "unverified", strategy: "email_code" },
    linked_to: [],
    created_at: user.createdAt,
    updated_at: user.createdAt,
  };
}

const VERIFICATION = { attempts: null, expire_at: null };

function emailAddressId({ id }: EmulatedUser, index: number): string {
  return `idn_${id.slice("user_".length, -1)}${index}`;
}
