import { parseHttpsUrl, trimTrailingSlashes } from "../core/issuer.ts";
import type { ClerkClientConfig, ClerkClientLike } from "./clerk/client.ts";
import type { ReadVariable } from "./env.ts";
import { misconfigured } from "./failures.ts";

const NOT_FOUND = ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"];

/**
 * Creates a client with `@clerk/backend`, an optional peer dependency that is loaded now.
 *
 * @throws {ClerkCliAuthError} `config` when it is not installed or refuses the configuration.
 */
export async function loadClient(config: ClerkClientConfig): Promise<ClerkClientLike> {
  const { createClerkClient } = await importBackend();
  try {
    return createClerkClient(config);
  } catch (cause) {
    throw misconfigured("@clerk/backend refused its configuration", { cause });
  }
}

async function importBackend(): Promise<typeof import("@clerk/backend")> {
  try {
    return await import("@clerk/backend");
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? "";
    throw NOT_FOUND.includes(code)
      ? misconfigured("@clerk/backend is not installed", {
        action: "Run npm install @clerk/backend, or pass a 'client' to cliAuth()",
        cause,
      })
      : misconfigured("@clerk/backend could not be loaded", { cause });
  }
}

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

/** The variables that a client is created with, by its options. */
export const CLIENT_VARIABLES = {
  secretKey: "CLERK_SECRET_KEY",
  publishableKey: "CLERK_PUBLISHABLE_KEY",
  apiUrl: "CLERK_API_URL",
  jwtKey: "CLERK_JWT_KEY",
} as const;

/** The variable that lists the OAuth applications whose tokens are taken. */
export const CLIENT_IDS_VARIABLE = "CLERK_OAUTH_CLIENT_ID";

/** Every variable that a verifier reads. */
export const VARIABLES: readonly string[] = [...Object.values(CLIENT_VARIABLES), CLIENT_IDS_VARIABLE];
