import { type JsonObject, parseJsonObject } from "../../core/encoding.ts";
import type { EmulatedApiKey, EmulatedUser } from "../entities.ts";
import { ClerkProblem, type IncomingRequest, json } from "../http.ts";
import type { Instance } from "../instance.ts";

/** An API key as the Backend API writes it, without its secret. */
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

/** Whether an API key has expired. */
export function isExpired({ expiration }: EmulatedApiKey, instance: Instance): boolean {
  return expiration !== null && expiration <= instance.now();
}

/**
 * The parameters of a request to the Backend API, each read as the type it must have.
 *
 * @throws {ClerkProblem} 400 if the body is not a JSON object; every method throws 422 if a parameter has another type.
 */
export class JsonBody {
  readonly #parameters: JsonObject;

  constructor({ body }: IncomingRequest) {
    const parameters = parseJsonObject(body === "" ? "{}" : body);
    if (!parameters) {
      throw new ClerkProblem(400, "request_body_invalid", "The request body is not a JSON object");
    }
    this.#parameters = parameters;
  }

  /** A required string. */
  requiredText(name: string): string {
    const text = this.text(name);
    if (text) return text;
    throw new ClerkProblem(422, "form_param_missing", `The parameter ${name} is missing`);
  }

  /** A string. */
  text(name: string): string | undefined {
    return this.#read(name, (value) => typeof value === "string" ? value : undefined);
  }

  /** A number. */
  number(name: string): number | undefined {
    return this.#read(name, (value) => typeof value === "number" ? value : undefined);
  }

  /** True or false. */
  boolean(name: string): boolean | undefined {
    return this.#read(name, (value) => typeof value === "boolean" ? value : undefined);
  }

  /** A list of strings. */
  texts(name: string): string[] | undefined {
    return this.#read(name, (value) => Array.isArray(value) && value.every(isText) ? value : undefined);
  }

  /** A JSON object. */
  object(name: string): JsonObject | undefined {
    return this.#read(
      name,
      (value) => typeof value === "object" && !Array.isArray(value) ? value as JsonObject : undefined,
    );
  }

  /** Whether a parameter was sent, `null` included. */
  has(name: string): boolean {
    return Object.hasOwn(this.#parameters, name);
  }

  #read<Value>(name: string, narrow: (value: unknown) => Value | undefined): Value | undefined {
    const value = this.has(name) ? this.#parameters[name] ?? undefined : undefined;
    if (value === undefined) return undefined;
    const narrowed = narrow(value);
    if (narrowed !== undefined) return narrowed;
    throw new ClerkProblem(
      422,
      "form_param_format_invalid",
      `The parameter ${name} is not of the right type`,
    );
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 500;

/** The part of a list that `limit` and `offset` ask for, newest first. */
export function slicePage<Item>(items: readonly Item[], query: URLSearchParams): Item[] {
  const limit = readCount(query, "limit", DEFAULT_LIMIT);
  const offset = readCount(query, "offset", 0);
  return [...items].reverse().slice(offset, offset + Math.min(limit, MAX_LIMIT));
}

/** Responds with such a part and the length of the whole list. */
export function listPage(items: readonly unknown[], query: URLSearchParams): Response {
  return json({ data: slicePage(items, query), total_count: items.length });
}

function readCount(query: URLSearchParams, name: string, fallback: number): number {
  const count = Number(query.get(name) ?? fallback);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new ClerkProblem(422, "form_param_format_invalid", `The parameter ${name} must be a whole number`);
}

/** The error for something that does not exist. */
export function missingResource(what: string): ClerkProblem {
  return new ClerkProblem(404, "resource_not_found", `${what} not found`);
}

/** A user as the Backend API writes it. */
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
    external_accounts: [],
    enterprise_accounts: [],
    organization_memberships: null,
    public_metadata: user.publicMetadata,
    private_metadata: user.privateMetadata,
    unsafe_metadata: user.unsafeMetadata,
    external_id: null,
    password_enabled: false,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    banned: false,
    locked: false,
    deprovisioned: false,
    create_organization_enabled: true,
    delete_self_enabled: true,
    last_sign_in_at: null,
    last_active_at: null,
    legal_accepted_at: null,
    created_at: user.createdAt,
    updated_at: user.createdAt,
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
    verification: isVerified
      ? { status: "verified", strategy: "admin", attempts: null, expire_at: null }
      : null,
    linked_to: [],
  };
}

function emailAddressId({ id }: EmulatedUser, index: number): string {
  return `idn_${id.slice("user_".length, -1)}${index}`;
}
