import type { ClerkClientConfig, ClerkClientLike } from "./clerk_client.ts";
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
