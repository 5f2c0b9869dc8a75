import { isJsonObject, type JsonObject } from "../../core/encoding.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { credentialFilePath, FILE_KIND } from "../../storage/location.ts";
import type { EntryStore } from "../../storage/store.ts";
import type { ClientContext } from "../context.ts";
import { guarded, recordKey } from "../session/record.ts";

/** A login that has started: what the second call needs from the first. */
export type PendingLogin = PendingDevice | PendingPaste;

/** What identifies a pending login and what it belongs to. */
interface PendingBinding {
  /** The handle. Not secret. */
  login: string;
  issuer: string;
  clientId: string;
  /** `undefined` for the default profile. */
  profile?: string | undefined;
  resource?: string | undefined;
  scopes: readonly string[];
  /** Only for OpenID Connect requests. */
  nonce?: string | undefined;
  /** In Unix milliseconds. */
  expiresAt: number;
}

/** A sign-in on another device (RFC 8628). */
export interface PendingDevice extends PendingBinding {
  method: "device";
  deviceCode: string;
  intervalMs: number;
  /** When the issuer was last asked, in Unix milliseconds. */
  askedAt: number;
  /** How long until the next poll, by any process, in milliseconds. */
  waitMs: number;
}

/** A sign-in whose authorization response is pasted. */
export interface PendingPaste extends PendingBinding {
  method: "paste";
  state: string;
  codeVerifier: string;
  redirectUri: string;
}

/** How many logins of a profile may be pending. */
const MAX_PENDING = 4;

const opened = new WeakMap<ClientContext, PendingLogins>();

/**
 * The pending logins of a profile, protected like the tokens. They are in a file of their own, so that
 * starting a login does not affect the session. Change them under the record's lock.
 */
export class PendingLogins {
  readonly #context: ClientContext;
  readonly #store: EntryStore;

  private constructor(context: ClientContext, store: EntryStore) {
    this.#context = context;
    this.#store = store;
  }

  /**
   * Opens the pending logins.
   *
   * @throws {ClerkCliAuthError} `config` if the storage does not outlive this process.
   */
  static async open(context: ClientContext): Promise<PendingLogins> {
    const logins = opened.get(context) ?? await PendingLogins.#open(context);
    opened.set(context, logins); // Whoever opens them again would have the keychain asked again.
    return logins;
  }

  static async #open(context: ClientContext): Promise<PendingLogins> {
    const { config, runtime, store } = context;
    const { storage, clientId: application, environment, profile } = config;
    if (storage === "memory") {
      throw new ClerkCliAuthError("config", "A login in two calls needs storage that outlives the first", {
        action: "Set 'storage' to anything but \"memory\"",
      });
    }
    if (typeof storage === "object") return new PendingLogins(context, store);
    const scope = { application, environment, profile };
    const filePath = credentialFilePath(runtime, scope).replace(FILE_KIND, "pending");
    const { openBuiltInStore } = await import("../../storage/open_store.ts");
    const ownStore = await openBuiltInStore(storage, {
      ...config,
      runtime,
      scope,
      filePath,
      onDowngraded: ({ message }, path) => context.emit({ type: "downgraded", reason: message, path }),
    });
    return new PendingLogins(context, ownStore);
  }

  /**
   * Adds the login that `begin` starts. Expired and unreadable logins are dropped.
   *
   * @throws {ClerkCliAuthError} `config` if too many are pending; `storage` or `keychain`; what `begin`
   * throws.
   */
  async add<T extends { pending: PendingLogin }>(begin: () => Promise<T>): Promise<T> {
    const kept = (await this.#readAll().catch(unreadable)).filter((login) => !this.hasExpired(login));
    if (kept.length >= MAX_PENDING) throw tooMany();
    const begun = await begin();
    await this.#write([...kept, begun.pending], { hasNew: true });
    return begun;
  }

  /**
   * Finds a login of this issuer, client, profile and resource.
   *
   * @param login The handle; by default the only pending login.
   * @throws {ClerkCliAuthError} `not_authenticated` if there is none; `config` if the handle is malformed, or
   * missing while several are pending.
   */
  async find(login?: string): Promise<PendingLogin> {
    if (login !== undefined && !isHandle(login)) throw notAHandle();
    const own = (await this.#readAll()).filter((pending) => this.#belongs(pending));
    const live = own.filter((pending) => !this.hasExpired(pending));
    if (login === undefined && live.length > 1) throw several(live, this.#context.runtime.now());
    const found = login === undefined ? live[0] : own.find((pending) => pending.login === login);
    if (!found) throw noSuchLogin(login);
    return found;
  }

  /**
   * Returns a login unless it has expired.
   *
   * @throws {ClerkCliAuthError} `not_authenticated` if it has expired.
   */
  unlessExpired<Pending extends PendingLogin>(pending: Pending): Pending {
    if (this.hasExpired(pending)) throw overAndDone(`The sign-in "${pending.login}" has expired`);
    return pending;
  }

  /** Replaces a login. This also proves that the store is writable. */
  async update(changed: PendingLogin): Promise<void> {
    const all = await this.#readAll();
    await this.#write(all.map((pending) => pending.login === changed.login ? changed : pending));
  }

  /** Removes a login and all expired ones. */
  async remove({ login }: PendingLogin): Promise<void> {
    const all = await this.#readAll();
    await this.#write(all.filter((pending) => pending.login !== login && !this.hasExpired(pending)));
  }

  /** Removes all pending logins of the profile. A store that holds none is left alone. */
  async removeAll(): Promise<void> {
    const text = await guarded({ verb: "read" }, () => this.#store.get(this.#key)).catch(() => "unreadable");
    if (text !== null) await this.#write([]);
  }

  /** Reports whether it is too late to complete a login. */
  hasExpired({ expiresAt }: PendingLogin): boolean {
    return expiresAt <= this.#context.runtime.now();
  }

  #belongs({ issuer, clientId, profile, resource }: PendingLogin): boolean {
    const { config } = this.#context;
    return issuer === config.issuer && clientId === config.clientId && profile === config.profile &&
      resource === config.resource;
  }

  async #readAll(): Promise<PendingLogin[]> {
    const text = await guarded({ verb: "read" }, () => this.#store.get(this.#key));
    return text ? parsePendingLogins(text) : [];
  }

  /** Only a new login decides how the logins are protected, so that polls never unlock the keychain. */
  async #write(logins: readonly PendingLogin[], { hasNew = false } = {}): Promise<void> {
    const [key, text] = [this.#key, JSON.stringify(logins)];
    if (logins.length === 0) return void await guarded({ verb: "remove" }, () => this.#store.delete(key));
    const secrets = logins.flatMap((login) =>
      login.method === "device" ? [login.deviceCode] : [login.codeVerifier, login.state]
    );
    const write = () => hasNew ? this.#store.saveLogin(key, text) : this.#store.set(key, text);
    await guarded({ verb: "store", secrets }, write);
  }

  get #key(): string {
    return recordKey(this.#context, "pending");
  }
}

/** Unreadable logins must not prevent a new one. */
function unreadable(error: unknown): PendingLogin[] {
  if (isClerkCliAuthError(error)) return [];
  throw error;
}

function parsePendingLogins(text: string): PendingLogin[] {
  try {
    const logins: unknown = JSON.parse(text);
    return Array.isArray(logins) ? logins.filter(isPendingLogin) : [];
  } catch {
    return []; // A corrupt login cannot be completed.
  }
}

function isPendingLogin(value: unknown): value is PendingLogin {
  if (!isJsonObject(value) || !hasTexts(value, "login", "issuer", "clientId")) return false;
  if (!hasNumbers(value, "expiresAt") || !Array.isArray(value.scopes)) return false;
  return value.method === "device"
    ? hasTexts(value, "deviceCode") && hasNumbers(value, "intervalMs", "askedAt", "waitMs")
    : value.method === "paste" && hasTexts(value, "state", "codeVerifier", "redirectUri");
}

function hasTexts(value: JsonObject, ...names: string[]): boolean {
  return names.every((name) => typeof value[name] === "string");
}

function hasNumbers(value: JsonObject, ...names: string[]): boolean {
  return names.every((name) => Number.isFinite(value[name]));
}

/** 32 characters that are easy to tell apart. */
const HANDLE_CHARACTERS = "0123456789abcdefghjkmnpqrstvwxyz";

export function randomHandle(randomBytes: (length: number) => Uint8Array): string {
  return Array.from(randomBytes(8), (byte) => HANDLE_CHARACTERS.charAt(byte % 32)).join("");
}

function isHandle(text: string): boolean {
  return typeof text === "string" && /^[0-9a-hjkmnp-tv-z]{8}$/.test(text);
}

/** Does not show the handle: it may be a malicious URL, or a secret in the wrong place. */
function notAHandle(): ClerkCliAuthError {
  return new ClerkCliAuthError("config", "Not the handle of a sign-in: expected eight letters and digits");
}

function tooMany(): ClerkCliAuthError {
  return new ClerkCliAuthError("config", `${MAX_PENDING} sign-ins are waiting to be completed`, {
    exitCode: 1,
    retryable: true,
    action: "Complete one of them, or wait until one expires",
  });
}

function several(logins: readonly PendingLogin[], now: number): ClerkCliAuthError {
  const list = logins.map(({ login, method, scopes, expiresAt }) =>
    `${login} (${method}, ${scopes.join(" ")}, ${Math.ceil((expiresAt - now) / 60_000)} min left)`
  );
  return new ClerkCliAuthError("config", `Several sign-ins are waiting: ${list.join("; ")}`, {
    action: "Name the one to complete",
  });
}

function noSuchLogin(login: string | undefined): ClerkCliAuthError {
  return overAndDone(
    login === undefined
      ? "No sign-in is waiting to be completed"
      : `There is no sign-in "${login}": it was completed already, has expired, or is another profile's`,
  );
}

/** Returns the error of a login that can no longer be completed. */
export function overAndDone(message: string, cause?: ClerkCliAuthError): ClerkCliAuthError {
  return new ClerkCliAuthError("not_authenticated", message, {
    action: "Start a new login",
    ...(cause && { cause }),
  });
}
