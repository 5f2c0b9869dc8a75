import { isJsonObject, type JsonObject } from "../../core/encoding.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { credentialFilePath } from "../../storage/location.ts";
import type { EntryStore } from "../../storage/store.ts";
import type { ClientContext } from "../context.ts";
import { guarded, recordKey } from "../session/record.ts";

/** A login that was begun and waits to be completed: what the second call needs of the first. */
export type PendingLogin = PendingDevice | PendingPaste;

/** What a pending login belongs to. */
interface PendingBinding {
  /** The handle that names it. Not a secret. */
  login: string;
  issuer: string;
  clientId: string;
  /** `undefined` for the default one. */
  profile?: string | undefined;
  resource?: string | undefined;
  scopes: readonly string[];
  /** Only an OpenID Connect request has one. */
  nonce?: string | undefined;
  /** Unix time in milliseconds. */
  expiresAt: number;
}

/** A sign-in on another device (RFC 8628). */
export interface PendingDevice extends PendingBinding {
  method: "device";
  deviceCode: string;
  intervalMs: number;
  /** When the issuer was asked last, Unix time in milliseconds. */
  askedAt: number;
  /** How long no process asks again, in milliseconds. */
  waitMs: number;
}

/** A sign-in whose authorization response is pasted. */
export interface PendingPaste extends PendingBinding {
  method: "paste";
  state: string;
  codeVerifier: string;
  redirectUri: string;
}

/** How many logins of one profile may wait at the same time. */
const MAX_PENDING = 4;

/**
 * The pending logins of a profile, in one entry beside the tokens: protected in the same way, but in a file of its own, so
 * that a login which is only begun changes nothing about the session that is there. Change them under the record's lock.
 */
export class PendingLogins {
  readonly #context: ClientContext;
  readonly #store: EntryStore;

  private constructor(context: ClientContext, store: EntryStore) {
    this.#context = context;
    this.#store = store;
  }

  /**
   * Opens them.
   *
   * @throws {ClerkCliAuthError} `config` if nothing outlives this process.
   */
  static async open(context: ClientContext): Promise<PendingLogins> {
    const { config, runtime, store } = context;
    const { storage, clientId: application, environment, profile } = config;
    if (storage === "memory") {
      throw new ClerkCliAuthError("config", "A login in two calls needs storage that outlives the first", {
        action: "Set 'storage' to anything but \"memory\"",
      });
    }
    if (typeof storage === "object") return new PendingLogins(context, store);
    const scope = { application, environment, profile };
    const filePath = credentialFilePath(runtime, scope).replace(/credentials(?=@[^/\\]*$)/, "pending");
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
   * Adds a login that `begin` begins. Those that have expired make room; what cannot be read does, too.
   *
   * @throws {ClerkCliAuthError} `config` if too many wait already; `storage`, `keychain`; what `begin` throws.
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
   * @param login Its handle; without one, the only one that waits.
   * @throws {ClerkCliAuthError} `not_authenticated` if there is none; `config` if that is not a handle, or several wait.
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
   * Gives a login back that can still be completed.
   *
   * @throws {ClerkCliAuthError} `not_authenticated` if it has expired.
   */
  unlessExpired<Pending extends PendingLogin>(pending: Pending): Pending {
    if (this.hasExpired(pending)) throw overAndDone(`The sign-in "${pending.login}" has expired`);
    return pending;
  }

  /** Writes a login again, also to find out whether anything can be written now. */
  async update(changed: PendingLogin): Promise<void> {
    const all = await this.#readAll();
    await this.#write(all.map((pending) => pending.login === changed.login ? changed : pending));
  }

  /** Removes a login, and all that have expired. */
  async remove({ login }: PendingLogin): Promise<void> {
    const all = await this.#readAll();
    await this.#write(all.filter((pending) => pending.login !== login && !this.hasExpired(pending)));
  }

  /** Removes all of the profile. */
  async removeAll(): Promise<void> {
    await this.#write([]);
  }

  /** Whether it is too late to complete a login. */
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

  /** Only a new login decides how they are protected: nobody may have to unlock the keychain for each poll. */
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

/** What cannot be read must keep nobody from beginning anew. */
function unreadable(error: unknown): PendingLogin[] {
  if (isClerkCliAuthError(error)) return [];
  throw error;
}

function parsePendingLogins(text: string): PendingLogin[] {
  try {
    const logins: unknown = JSON.parse(text);
    return Array.isArray(logins) ? logins.filter(isPendingLogin) : [];
  } catch {
    return []; // Nobody can complete what is corrupt.
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

/** 32 characters that nobody mixes up. */
const HANDLE_CHARACTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/** Creates a handle. */
export function randomHandle(randomBytes: (length: number) => Uint8Array): string {
  return Array.from(randomBytes(8), (byte) => HANDLE_CHARACTERS.charAt(byte % 32)).join("");
}

function isHandle(text: string): boolean {
  return typeof text === "string" && /^[0-9a-hjkmnp-tv-z]{8}$/.test(text);
}

/** It is not shown: it may be a URL that somebody was talked into, or a secret in the wrong place. */
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

/** The error of a login that nobody can complete any more. */
export function overAndDone(message: string, cause?: ClerkCliAuthError): ClerkCliAuthError {
  return new ClerkCliAuthError("not_authenticated", message, {
    action: "Begin a new login",
    ...(cause && { cause }),
  });
}
