import { parseHttpsUrl, trimTrailingSlashes } from "../core/issuer.ts";
import type { ClerkClientConfig } from "./clerk_client.ts";
import { misconfigured } from "./failures.ts";
import type { ReadVariable } from "./platform/env.ts";

const VARIABLES = {
  secretKey: "CLERK_SECRET_KEY",
  publishableKey: "CLERK_PUBLISHABLE_KEY",
  apiUrl: "CLERK_API_URL",
  jwtKey: "CLERK_JWT_KEY",
} as const;

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
  const secretKey = settings.secretKey ?? variable(VARIABLES.secretKey);
  if (!secretKey) {
    throw misconfigured(`The server has no Clerk secret key: ${VARIABLES.secretKey} is not set`, {
      action: `Set ${VARIABLES.secretKey}, or pass clientConfig: { secretKey } to cliAuth()`,
    });
  }
  if (settings.apiUrl !== undefined) {
    settings.apiUrl = trimTrailingSlashes(parseHttpsUrl(settings.apiUrl, VARIABLES.apiUrl).href);
  }
  return { ...settings, secretKey };
}

function fromEnvironment(variable: ReadVariable): ClerkClientConfig {
  const entries = Object.entries(VARIABLES).map(([option, name]) => [option, variable(name)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
