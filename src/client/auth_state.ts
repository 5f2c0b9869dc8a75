import { ClerkCliAuthError } from "../core/errors.ts";
import type { ClerkCliAuth } from "./clerk_cli_auth.ts";
import type { ClerkCliAuthConfig, ResolvedConfig } from "./config.ts";
import type { ClientContext } from "./context.ts";

/** What is inside of a {@linkcode ClerkCliAuth}. */
export interface Internals {
  /** The configuration as the program gave it. */
  readonly given: ClerkCliAuthConfig;
  /** The same, checked. */
  readonly config: ResolvedConfig;
  /** The context that its methods work on. */
  open(): Promise<ClientContext>;
}

/** By object: a static block of the class would keep all of it in every bundle of this package. */
const known = new WeakMap<ClerkCliAuth, Internals>();

/** The class hands over what is inside of each of its objects. */
export function shareInternals(auth: ClerkCliAuth, internals: Internals): void {
  known.set(auth, internals);
}

/**
 * Gives other modules of this package what is inside of a `ClerkCliAuth`.
 *
 * @throws {ClerkCliAuthError} `config` when it was made by another copy of this package.
 */
export function internalsOf(auth: ClerkCliAuth): Internals {
  const internals = known.get(auth);
  if (internals) return internals;
  throw new ClerkCliAuthError("config", "'auth' is no ClerkCliAuth of this copy of @clerk/cli-auth", {
    action: "Install one version of @clerk/cli-auth, and take the class and the commands from it",
  });
}

/** The checked configuration. */
export function configOf(auth: ClerkCliAuth): ResolvedConfig {
  return internalsOf(auth).config;
}
