import { parseHttpsUrl, trimTrailingSlashes } from "../core/issuer.ts";
import type { ClerkClientConfig } from "./clerk_client.ts";
import { misconfigured } from "./failures.ts";
import type { ReadVariable } from "./platform/env.ts";
import { CLIENT_VARIABLES } from "./variables.ts";

/**
 * What to create a client with: the given configuration, or the environment's.
 *
 * @throws {ClerkCliAuthError} `config` when there is no secret key, or the address of the API is neither https nor
 * loopback.
 */
export function clientSettings(
  config: ClerkClientConfig | undefined,
  variable: ReadVariable,
): ClerkClientConfig & { secretKey: string } {
  const settings: ClerkClientConfig = config ? { ...config } : fromEnvironment(variable);
  const secretKey = settings.secretKey ?? variable(CLIENT_VARIABLES.secretKey);
  if (!secretKey) {
    throw misconfigured(`The server has no Clerk secret key: ${CLIENT_VARIABLES.secretKey} is not set`, {
      action: `Set ${CLIENT_VARIABLES.secretKey}, or pass clientConfig: { secretKey } to cliAuth()`,
    });
  }
  if (settings.apiUrl !== undefined) {
    settings.apiUrl = trimTrailingSlashes(parseHttpsUrl(settings.apiUrl, CLIENT_VARIABLES.apiUrl).href);
  }
  return { ...settings, secretKey };
}

function fromEnvironment(variable: ReadVariable): ClerkClientConfig {
  const entries = Object.entries(CLIENT_VARIABLES).map(([option, name]) => [option, variable(name)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
