import { ClerkCliAuthError } from "../core/errors.ts";
import type { ClerkCliAuthConfig, ResolvedConfig } from "./config.ts";
import type { ClientContext } from "./context.ts";

/** What is inside a `ClerkCliAuth`. */
interface AuthState {
  /** The configuration as the program gave it. */
  readonly given: ClerkCliAuthConfig;
  /** The same, checked. */
  readonly config: ResolvedConfig;
  /** Opens the context that its methods work on, once. */
  open(): Promise<ClientContext>;
}

/** By object: a static block of the class would keep all of it in every bundle of this package. */
export const authStates: WeakMap<object, AuthState> = new WeakMap();

/**
 * What is inside a `ClerkCliAuth`, for other modules of this package.
 *
 * @throws {ClerkCliAuthError} `config` if it was created by another copy of this package.
 */
export function stateOf(auth: object): AuthState {
  const state = authStates.get(auth);
  if (state) return state;
  throw new ClerkCliAuthError("config", "'auth' was created by a different copy of @clerk/cli-auth", {
    action: "Install one version of @clerk/cli-auth, and take the class and the commands from it",
  });
}

/** The checked configuration. */
export function configOf(auth: object): ResolvedConfig {
  return stateOf(auth).config;
}
