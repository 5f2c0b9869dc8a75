import { ClerkCliAuthError } from "../core/errors.ts";
import type { ClerkCliAuthConfig, ResolvedConfig } from "./config.ts";
import type { ClientContext } from "./context.ts";

/** The internals of a `ClerkCliAuth`. */
interface AuthState {
  /** The configuration as given. */
  readonly given: ClerkCliAuthConfig;
  /** The checked configuration. */
  readonly config: ResolvedConfig;
  /** Opens the context of its methods, once. */
  open(): Promise<ClientContext>;
}

/** A map, because a static block in the class would keep all of it in every bundle. */
export const authStates: WeakMap<object, AuthState> = new WeakMap();

/**
 * Returns the internals of a `ClerkCliAuth` to other modules.
 *
 * @throws {ClerkCliAuthError} `config` if another copy of this package created it.
 */
export function stateOf(auth: object): AuthState {
  const state = authStates.get(auth);
  if (state) return state;
  throw new ClerkCliAuthError("config", "'auth' was created by a different copy of @clerk/cli-auth", {
    action: "Install one version of @clerk/cli-auth, and take the class and the commands from it",
  });
}

export function configOf(auth: object): ResolvedConfig {
  return stateOf(auth).config;
}
